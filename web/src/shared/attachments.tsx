// Files in views: as a message shows them, and as they wait beside the box to write in.

import { useRef } from "preact/hooks";
import { sizeOf, type Upload, type Uploads } from "./files";
import { opens } from "./markup";
import type { FileCard } from "./protocol";

/** A file of a message. `base` is the server's origin, empty on its own pages. */
export function FileItem({ file, base }: { file: FileCard; base: string }) {
  const url = addressOf(file, base);
  const facts = [
    file.bytes === null ? null : sizeOf(file.bytes),
    file.id === null ? "on another site" : null,
  ].filter((fact) => fact !== null);
  if (url === null) return <span class="file">{file.name}</span>;
  if (file.show === "image" && file.id !== null) {
    return (
      <a class="picture" href={url} target="_blank" rel="noopener noreferrer">
        <img
          src={url}
          alt={file.name}
          loading="lazy"
          {...(file.width === null ? {} : { width: file.width })}
          {...(file.height === null ? {} : { height: file.height })}
        />
      </a>
    );
  }
  const link = (
    <a
      class="file"
      href={url}
      target="_blank"
      rel="noopener noreferrer nofollow"
      {...(file.show === "download" && file.id !== null ? { download: file.name } : {})}
    >
      <FileIcon />
      <span class="name" dir="auto">
        {file.name}
      </span>
      {facts.length > 0 && <span class="hint">{facts.join(", ")}</span>}
    </a>
  );
  const plays = file.show === "inline" && file.id !== null ? playerOf(file.media_type) : null;
  if (plays === null) return link;
  const Player = plays;
  return (
    <div class="media">
      <Player controls preload="none" src={url} aria-label={file.name} />
      {link}
    </div>
  );
}

/** Returns the element that plays a type, or `null` for one that is opened by its link. */
export function playerOf(media_type: string | null): "audio" | "video" | null {
  if (media_type?.startsWith("audio/") === true) return "audio";
  return media_type?.startsWith("video/") === true ? "video" : null;
}

/** Returns where a file opens, or `null` for an address that leads nowhere. */
export function addressOf({ id, url }: Pick<FileCard, "id" | "url">, base: string): string | null {
  if (url.startsWith("/") && !url.startsWith("//")) return base + url;
  // A file of this server has a path of this server; what is elsewhere is only ever a web page.
  return id === null && opens(url) && /^https?:/i.test(url) ? url : null;
}

export function FileIcon() {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" class="icon">
      <path
        d="M4 1.8h5L12.5 5.3v8.9H4zM8.8 2v3.5h3.5"
        fill="none"
        stroke="currentColor"
        stroke-width="1.3"
        stroke-linejoin="round"
      />
    </svg>
  );
}

/** The files that wait for the message to be sent. */
export function UploadChips({ uploads, list }: { uploads: Uploads; list: readonly Upload[] }) {
  if (list.length === 0) return null;
  return (
    <ul class="uploads" aria-label="Files to send">
      {list.map((upload) => (
        <li key={upload.id} class={upload.fault === null ? "upload" : "upload failed"}>
          <FileIcon />
          <span class="name" dir="auto">
            {upload.name}
          </span>
          <Course upload={upload} onRetry={() => uploads.retry(upload.id)} />
          <button
            type="button"
            class="remove"
            aria-label={`Remove ${upload.name}`}
            onClick={() => uploads.remove(upload.id)}
          >
            <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Course({ upload, onRetry }: { upload: Upload; onRetry(): void }) {
  if (upload.fault !== null) {
    return (
      <span class="fault" role="alert">
        {upload.fault}{" "}
        {upload.passing && (
          <button type="button" class="plain" onClick={onRetry}>
            Try again
          </button>
        )}
      </span>
    );
  }
  if (upload.card !== null)
    return <span class="hint">{sizeOf(upload.card.bytes ?? upload.bytes)}</span>;
  return <progress max={1} value={upload.progress} aria-label={`Uploading ${upload.name}`} />;
}

/** The button that opens the browser's choice of files. */
export function AttachButton({ onFiles }: { onFiles(files: File[]): void }) {
  const input = useRef<HTMLInputElement>(null);
  const chosen = (): void => {
    const files = [...(input.current!.files ?? [])];
    // The same file can be chosen again after it was taken away.
    input.current!.value = "";
    if (files.length > 0) onFiles(files);
  };
  return (
    <>
      <input ref={input} type="file" multiple hidden onChange={chosen} tabIndex={-1} />
      <button
        type="button"
        class="attach"
        aria-label="Attach files"
        title="Attach files"
        onClick={() => input.current!.click()}
      >
        <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
          <path
            d="m13.4 7.3-5.6 5.6a3.2 3.2 0 0 1-4.6-4.6l6-6a2.2 2.2 0 0 1 3 3l-5.9 6a1 1 0 0 1-1.5-1.5l5.3-5.3"
            fill="none"
            stroke="currentColor"
            stroke-width="1.3"
            stroke-linecap="round"
          />
        </svg>
      </button>
    </>
  );
}
