//! Files in a bucket of an S3-compatible store.
//!
//! Owns how long a request to it may take and in which portions a file goes there. A file is there whole or not at all:
//! that is the store's own promise, for an upload in parts too.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, GetOptions, GetRange, MultipartUpload, ObjectStore as _,
    ObjectStoreExt as _, PutPayload, RetryConfig,
};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use crate::config;

use super::{Content, Draft, Error, FileKey};

/// What is sent in one request; a longer file goes in parts of this size. The least that S3 takes for a part is 5 MiB.
const PART_BYTES: u64 = 8 << 20;
/// How often a request is sent again that the store did not answer, or answered by a fault of its own.
const RETRIES: usize = 2;

/// A bucket.
pub(super) struct Bucket(AmazonS3);

fn path(key: FileKey) -> Path {
    Path::from(format!("{}/{}", key.tenant_id, key.file_id))
}

impl Bucket {
    pub(super) fn open(settings: &config::Files) -> Result<Self, Error> {
        let timeout = Duration::from_secs(settings.s3_timeout_s);
        let endpoint = settings.s3_endpoint.as_deref();
        // Nothing is bounded as a whole: how long a file takes on its way out depends on who reads it.
        let client = ClientOptions::new()
            .with_timeout_disabled()
            .with_connect_timeout(timeout)
            .with_read_timeout(timeout)
            .with_allow_http(endpoint.is_some_and(|url| url.starts_with("http://")));
        let retry = RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: RETRIES,
            retry_timeout: timeout,
        };
        let mut builder = AmazonS3Builder::new()
            .with_client_options(client)
            .with_retry(retry)
            // One request a file, as every store understands it; some do not know the one for many.
            .with_disable_bulk_delete(true)
            .with_bucket_name(&settings.s3_bucket)
            .with_region(&settings.s3_region)
            .with_access_key_id(&settings.s3_access_key_id)
            .with_secret_access_key(settings.s3_secret_access_key.expose());
        if let Some(url) = endpoint {
            builder = builder.with_endpoint(url);
        }
        builder.build().map(Self).map_err(Error::Misconfigured)
    }

    pub(super) async fn keep(&self, key: FileKey, mut draft: Draft) -> Result<(), Error> {
        let mut file = draft.reopen().await?;
        let path = path(key);
        if draft.bytes() <= PART_BYTES {
            let bytes = read_part(&mut file).await?;
            self.0.put(&path, PutPayload::from(bytes)).await?;
            return Ok(());
        }
        let mut upload = self.0.put_multipart(&path).await?;
        let sent = send_parts(&mut file, &mut *upload).await;
        if sent.is_err() {
            // If this fails too, the store removes the parts by the rule of its bucket for incomplete uploads.
            drop(upload.abort().await);
        }
        sent
    }

    pub(super) async fn read(&self, key: FileKey, range: Range<u64>) -> Result<Content, Error> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let found = self.0.get_opts(&path(key), options).await?;
        Ok(Box::pin(found.into_stream().map_err(std::io::Error::other)))
    }

    pub(super) async fn remove(&self, key: FileKey) -> Result<(), Error> {
        match self.0.delete(&path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The next part of a file; empty at its end.
async fn read_part(file: &mut File) -> Result<Bytes, Error> {
    let mut part = Vec::new();
    file.take(PART_BYTES).read_to_end(&mut part).await?;
    Ok(part.into())
}

/// One part after the other, so that one at a time is in memory.
async fn send_parts(file: &mut File, upload: &mut dyn MultipartUpload) -> Result<(), Error> {
    loop {
        let part = read_part(file).await?;
        if part.is_empty() {
            break;
        }
        upload.put_part(PutPayload::from(part)).await?;
    }
    upload.complete().await?;
    Ok(())
}
