# The server alone: it expects a database in DESKBELL__DATABASE__URL. `make run` needs no image.

FROM rust:1-slim-bookworm AS build
WORKDIR /src
COPY . .
# The queries (.sqlx) and the pages (web/dist) are in the sources: neither a database nor Node here.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin deskbell \
    && cp target/release/deskbell /usr/local/bin/deskbell

FROM debian:bookworm-slim
# A fixed id, so that a mounted folder can be given to it.
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/deskbell deskbell
COPY --from=build /usr/local/bin/deskbell /usr/local/bin/deskbell
USER deskbell
WORKDIR /var/lib/deskbell
ENV DESKBELL__HTTP__LISTEN=0.0.0.0:8080
EXPOSE 8080
# bash speaks HTTP well enough, and the image has no curl.
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["deskbell"]
CMD ["serve"]
