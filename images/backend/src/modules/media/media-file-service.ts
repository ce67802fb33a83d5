import type { FileTypes, Logger, S3FileServiceOptions } from "@medusajs/framework/types";
import { MedusaError } from "@medusajs/framework/utils";
import { S3FileService } from "medusa-file-s3/dist/services/s3-file";
import { cleanName } from "./file-name.ts";
import { linkFor } from "./link.ts";
import { PICTURES, pictureIn } from "./picture.ts";

/** Options of medusa-file-s3 for the public bucket, and the bucket that only signed links open. */
export type MediaOptions = S3FileServiceOptions & {
  endpoint: string;
  private_bucket: string;
  browser_url?: string | undefined;
};

/** Begins the key of every private file, because a file is later asked for by its key alone. */
const privatePrefix = "private/";

/**
 * medusa-file-s3 over two buckets. Medusa marks pictures `access: "public"`; all it makes itself (exports, import
 * files) carries no mark or "private", and must not lie in a bucket that the whole world reads through a domain.
 */
export class MediaFileService extends S3FileService {
  static override identifier = "s3";
  private readonly exports: S3FileService;
  private readonly places: { endpoint: string; browser: string | undefined };

  constructor(container: { logger: Logger }, options: MediaOptions) {
    super(container, options);
    this.places = { endpoint: options.endpoint, browser: options.browser_url };
    this.exports = new S3FileService(container, {
      ...options,
      bucket: options.private_bucket,
      prefix: privatePrefix,
      file_url: `${options.endpoint}/${options.private_bucket}`,
      cache_control: "private, no-store",
    });
  }

  override async upload(file: FileTypes.ProviderUploadFileDTO) {
    return file.access === "public" ? super.upload(picture(file)) : this.exports.upload(plain(file));
  }

  override async getUploadStream(file: FileTypes.ProviderUploadStreamDTO) {
    if (file.access === "public") throw unseen();
    return this.exports.getUploadStream(plain(file));
  }

  override async getPresignedUploadUrl(file: FileTypes.ProviderGetPresignedUploadUrlDTO) {
    if (file.access === "public") throw unseen();
    const link = await this.exports.getPresignedUploadUrl(file);
    return { ...link, url: linkFor(link.url, this.places) };
  }

  /** One request for each file: the bulk request always carries a checksum header, which not every store accepts. */
  override async delete(files: FileTypes.ProviderDeleteFileDTO | FileTypes.ProviderDeleteFileDTO[]) {
    await Promise.all([files].flat().map((file) => (isPrivate(file) ? this.exports.delete(file) : super.delete(file))));
  }

  override async getPresignedDownloadUrl(file: FileTypes.ProviderGetFileDTO) {
    if (!isPrivate(file)) return super.getPresignedDownloadUrl(file);
    return linkFor(await this.exports.getPresignedDownloadUrl(file), this.places);
  }

  override async getDownloadStream(file: FileTypes.ProviderGetFileDTO) {
    return isPrivate(file) ? this.exports.getDownloadStream(file) : super.getDownloadStream(file);
  }

  override async getAsBuffer(file: FileTypes.ProviderGetFileDTO) {
    return isPrivate(file) ? this.exports.getAsBuffer(file) : super.getAsBuffer(file);
  }
}

function isPrivate(file: { fileKey?: string }): boolean {
  return file.fileKey?.startsWith(privatePrefix) ?? false;
}

/** As Caddy in front. */
const MOST_BYTES = 20_000_000;

/** The file as it may lie in the public bucket: named and typed by what its bytes are, whatever was said of them. */
function picture(file: FileTypes.ProviderUploadFileDTO): FileTypes.ProviderUploadFileDTO {
  // Whole, since a shorter text may be no base64 at all: the parent would store it as it is.
  const bytes = Buffer.from(file.content, "base64");
  if (bytes.length === 0) throw refusal("is empty");
  if (bytes.length > MOST_BYTES) throw refusal("is larger than 20 MB");
  const found = pictureIn(bytes);
  if (found === undefined) throw refusal(`is no whole ${PICTURES} picture, whatever its name says`);
  const filename = cleanName(file.filename, found.extension);
  return { ...file, filename, mimeType: found.type, content: bytes.toString("base64") };
}

/** A private file opens with a signed link only, and then as data: a table, text, or something to be saved. */
function plain<File extends { mimeType: string }>(file: File): File {
  const data = /^(text\/csv|application\/json)\b/i.exec(file.mimeType)?.[1]?.toLowerCase();
  // The parent keeps text as it is by these words of the type, and takes everything else apart by bytes.
  const isText = /^text\/|csv|json|xml/i.test(file.mimeType);
  return { ...file, mimeType: data ?? (isText ? "text/plain" : "application/octet-stream") };
}

function refusal(what: string): MedusaError {
  return new MedusaError(MedusaError.Types.INVALID_DATA, `The file ${what}.`);
}

function unseen(): MedusaError {
  const why = "Pictures are uploaded through POST /admin/uploads, where their content is looked at";
  return new MedusaError(
    MedusaError.Types.INVALID_DATA,
    `${why}; a link or a stream into the public bucket is refused.`,
  );
}
