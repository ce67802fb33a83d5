import type { FileTypes, Logger, S3FileServiceOptions } from "@medusajs/framework/types";
import { MedusaError } from "@medusajs/framework/utils";
import { S3FileService } from "medusa-file-s3/dist/services/s3-file";

/** Options of medusa-file-s3 for the public bucket, and the bucket that only signed links open. */
export type MediaOptions = S3FileServiceOptions & { endpoint: string; private_bucket: string };

/** Begins the key of every private file, because a file is later asked for by its key alone. */
const privatePrefix = "private/";

/**
 * medusa-file-s3 over two buckets. Medusa marks pictures `access: "public"`; all it makes itself (exports, import
 * files) carries no mark or "private", and must not lie in a bucket that the whole world reads through a domain.
 */
export class MediaFileService extends S3FileService {
  static override identifier = "s3";
  private readonly exports: S3FileService;

  constructor(container: { logger: Logger }, options: MediaOptions) {
    super(container, options);
    this.exports = new S3FileService(container, {
      ...options,
      bucket: options.private_bucket,
      prefix: privatePrefix,
      file_url: `${options.endpoint}/${options.private_bucket}`,
      cache_control: "private, no-store",
    });
  }

  override async upload(file: FileTypes.ProviderUploadFileDTO) {
    return file.access === "public" ? super.upload(publicFile(file)) : this.exports.upload(file);
  }

  override async getUploadStream(file: FileTypes.ProviderUploadStreamDTO) {
    return file.access === "public" ? super.getUploadStream(publicFile(file)) : this.exports.getUploadStream(file);
  }

  override async getPresignedUploadUrl(file: FileTypes.ProviderGetPresignedUploadUrlDTO) {
    return file.access === "public"
      ? super.getPresignedUploadUrl(publicFile(file))
      : this.exports.getPresignedUploadUrl(file);
  }

  /** One request for each file: the bulk request always carries a checksum header, which not every store accepts. */
  override async delete(files: FileTypes.ProviderDeleteFileDTO | FileTypes.ProviderDeleteFileDTO[]) {
    await Promise.all([files].flat().map((file) => (isPrivate(file) ? this.exports.delete(file) : super.delete(file))));
  }

  override async getPresignedDownloadUrl(file: FileTypes.ProviderGetFileDTO) {
    return isPrivate(file) ? this.exports.getPresignedDownloadUrl(file) : super.getPresignedDownloadUrl(file);
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

/** Refuses a public file whose key would later be looked for in the private bucket. */
function publicFile<File extends { filename: string }>(file: File): File {
  const folder = file.filename.replaceAll("\\", "/").replace(/^[./]+/, "");
  if (!folder.startsWith(privatePrefix)) return file;
  throw new MedusaError(MedusaError.Types.INVALID_DATA, `A public file must not lie under ${privatePrefix}`);
}
