import { defineConfig } from "@medusajs/framework/utils";
import { readSettings, type Settings } from "./src/environment.ts";
import { databaseTls, redisTls } from "./src/tls.ts";

/** entry.ts has refused every problem of the environment before Medusa reads this file. */
const { settings } = readSettings(process.env);

const maxUploadFileSize = 15 * 1024 * 1024;
const redisUrl = settings.redis.url;
const redisOptions = { tls: redisTls(settings.redis) };
// While a worker starts on a busy machine it may not look at a new connection for longer than the usual 10 s.
const queueOptions = settings.workerMode === "worker" ? { ...redisOptions, connectTimeout: 30_000 } : redisOptions;
const redisProvider = (id: string) => ({
  resolve: `@medusajs/medusa/${id}`,
  id,
  is_default: true,
  options: { redisUrl, redisOptions },
});

module.exports = defineConfig({
  projectConfig: {
    databaseUrl: settings.database.url,
    databaseDriverOptions: { connection: { ssl: databaseTls(settings.database) } },
    redisUrl,
    // The session store: without a limit every request with a cookie hangs for as long as Valkey is away.
    redisOptions: { ...redisOptions, commandTimeout: 3_000 },
    workerMode: settings.workerMode,
    http: {
      storeCors: settings.cors.store,
      adminCors: settings.cors.admin,
      authCors: settings.cors.auth,
      jwtSecret: settings.secrets.jwt,
      cookieSecret: settings.secrets.cookie,
    },
  },
  admin: { maxUploadFileSize },
  modules: [
    { resolve: "@medusajs/medusa/caching", options: { providers: [redisProvider("caching-redis")] } },
    {
      resolve: "@medusajs/medusa/event-bus-redis",
      options: { redisUrl, redisOptions: queueOptions, ...eventOptions(settings) },
    },
    { resolve: "@medusajs/medusa/workflow-engine-redis", options: { redis: { redisUrl, redisOptions: queueOptions } } },
    { resolve: "@medusajs/medusa/locking", options: { providers: [redisProvider("locking-redis")] } },
    ...mailModules(settings),
    // Medusa's own provider of this name with the shop's rules; who is registered stays so.
    {
      resolve: "@medusajs/medusa/auth",
      options: { providers: [{ resolve: "./src/modules/login", id: "emailpass" }] },
    },
    {
      resolve: "@medusajs/medusa/file",
      // The project's own provider around `medusa-file-s3`, the maintained successor under the name the guide gives it.
      options: { providers: [{ resolve: "./src/modules/media", id: "s3", options: mediaOptions(settings) }] },
    },
  ],
});

/** A mail server may be away: an event is brought back to whoever failed on it, after 2 s, 4 s … for some four hours. */
function eventOptions({ mail }: Settings) {
  return mail === undefined ? {} : { jobOptions: { attempts: 14, backoff: { type: "exponential", delay: 2_000 } } };
}

/** Medusa's own notifications module, with a provider for letters beside the one of the admin's bell. */
function mailModules({ mail }: Settings) {
  if (mail === undefined) return [];
  const bell = { resolve: "@medusajs/medusa/notification-local", id: "local", options: { channels: ["feed"] } };
  const smtp = { resolve: "./src/modules/mail", id: "smtp", options: { channels: ["email"], mail } };
  return [{ resolve: "@medusajs/medusa/notification", options: { providers: [bell, smtp] } }];
}

function mediaOptions({ media }: Settings) {
  return {
    endpoint: media.endpoint,
    region: media.region,
    bucket: media.bucket,
    private_bucket: media.privateBucket,
    access_key_id: media.accessKeyId,
    secret_access_key: media.secretAccessKey,
    file_url: media.fileUrl,
    browser_url: media.browserUrl,
    // R2 knows no ACLs, and the SDK's default checksums are not understood by every S3 store.
    acl: false,
    additional_client_config: {
      forcePathStyle: true,
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      // A store that stops answering half-way must not hold the file in memory for ever.
      requestHandler: { connectionTimeout: 5_000, socketTimeout: 30_000 },
    },
  };
}
