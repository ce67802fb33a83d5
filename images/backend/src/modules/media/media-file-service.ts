import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { FileTypes, Logger, S3FileServiceOptions } from "@medusajs/framework/types";
import { MedusaError } from "@medusajs/framework/utils";
import { S3FileService } from "medusa-file-s3/dist/services/s3-file";
import { cleanName } from "./file-name.ts";
import { linkFor } from "./link.ts";
import { isHeic, PICTURES, type Picture, pictureIn } from "./picture.ts";
import { makeSizes } from "./size-maker.ts";
import { CONTENT_TYPES, endingOf, keysOf, originalOf, type Size } from "./sizes.ts";

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
  private readonly exportsBucket: string;
  private readonly places: { endpoint: string; browser: string | undefined };

  constructor(container: { logger: Logger }, options: MediaOptions) {
    super(container, options);
    this.places = { endpoint: options.endpoint, browser: options.browser_url };
    this.exportsBucket = options.private_bucket;
    this.exports = new S3FileService(container, {
      ...options,
      bucket: options.private_bucket,
      prefix: privatePrefix,
      file_url: `${options.endpoint}/${options.private_bucket}`,
      cache_control: "private, no-store",
    });
  }

  override async upload(file: FileTypes.ProviderUploadFileDTO) {
    return file.access === "public" ? this.uploadPicture(file) : this.exports.upload(plain(file));
  }

  /** Its address is given out when every size is in the store: no page names one that is not there yet. */
  private async uploadPicture(file: FileTypes.ProviderUploadFileDTO) {
    const original = picture(file);
    const sizes = await sizesOf(original.bytes);
    // The largest JPEG: what a program that knows nothing of sizes shows.
    const main = sizes.at(-1)!;
    const filename = cleanName(file.filename, endingOf(main.frame));
    const content = Buffer.from(main.bytes).toString("base64");
    const stored = await super.upload({ ...file, filename, mimeType: "image/jpeg", content });
    const puts = await Promise.allSettled(this.putsBeside(stored.key, { sizes: sizes.slice(0, -1), original }));
    const failed = puts.find((put) => put.status === "rejected");
    if (failed === undefined) return stored;
    await this.delete({ fileKey: stored.key });
    throw failed.reason;
  }

  private putsBeside(main: string, { sizes, original }: { sizes: Size[]; original: Original }): Promise<unknown>[] {
    const { bucket: Bucket, cacheControl: CacheControl } = this.config_;
    const puts = sizes.map(({ frame, format, bytes }) => ({
      Bucket,
      Key: keysOf(main)?.of(frame, format),
      Body: bytes,
      ContentType: CONTENT_TYPES[format],
      CacheControl,
    }));
    const kept = { Bucket: this.exportsBucket, Key: originalOf(main), Body: original.bytes };
    const all = [...puts, { ...kept, ContentType: original.type, CacheControl: "private, no-store" }];
    return all.map((put) => this.client_.send(new PutObjectCommand(put)));
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
    const all = [files].flat().flatMap((file) => [file.fileKey, ...(keysOf(file.fileKey)?.all ?? [])]);
    const each = [...new Set(all)].map((fileKey) => ({ fileKey }));
    await Promise.all(each.map((file) => (isPrivate(file) ? this.exports.delete(file) : super.delete(file))));
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

type Original = Picture & { bytes: Buffer };

/** What was uploaded, when it is a picture by its bytes, whatever was said of them. */
function picture(file: FileTypes.ProviderUploadFileDTO): Original {
  const bytes = Buffer.from(file.content, "base64");
  if (bytes.length === 0) throw refusal("is empty");
  if (bytes.length > MOST_BYTES) throw refusal("is larger than 20 MB");
  if (isHeic(bytes)) throw refusal(`is a HEIC picture, which few browsers show: save it as ${PICTURES}`);
  const found = pictureIn(bytes);
  if (found === undefined) throw refusal(`is no whole ${PICTURES} picture, whatever its name says`);
  return { ...found, bytes };
}

async function sizesOf(bytes: Buffer): Promise<Size[]> {
  const made = await makeSizes(bytes);
  if ("refused" in made) throw refusal(made.refused);
  return made.sizes;
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
