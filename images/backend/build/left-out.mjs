/**
 * What the running backend never loads, by reason. `packages` are left out wherever something asks for them; `edges`
 * are packages that stay, with the dependencies of theirs that stay with them. Whatever is then asked for by nobody
 * goes as well. tests/integration/backend.test.ts starts, migrates, serves the admin, uploads and sells with the rest.
 */
export const leftOut = [
  {
    reason: "They build the admin; the image carries what they built.",
    packages: [
      "@medusajs/admin-sdk",
      "@medusajs/admin-vite-plugin",
      "@medusajs/dashboard",
      "@vitejs/plugin-react",
      "autoprefixer",
      "get-port",
      "postcss",
      "tailwindcss",
      "vite",
    ],
    edges: { "@medusajs/draft-order": [] },
  },
  {
    reason: "The command line is not used: src/entry.ts calls the commands. The framework looks up where it lies.",
    packages: ["@jercle/yargonaut", "@mikro-orm/cli"],
    // Its reporter is the framework's logger.
    edges: { "@medusajs/cli": ["@medusajs/telemetry", "ora", "stack-trace", "ulid", "winston"] },
  },
  {
    reason: "Compilers and types: everything is compiled when the image is built.",
    packages: ["@swc/core", "@swc/helpers", "chokidar", "tsconfig-paths", "typescript"],
    scopes: ["@types", "@babel"],
    keep: ["@babel/runtime"],
  },
  {
    reason: "OpenTelemetry is loaded by an instrumentation.js only, and the backend has none.",
    packages: [
      "@opentelemetry/exporter-trace-otlp-grpc",
      "@opentelemetry/instrumentation",
      "@opentelemetry/instrumentation-pg",
      "@opentelemetry/resources",
      "@opentelemetry/sdk-node",
      "@opentelemetry/sdk-trace-node",
    ],
  },
  {
    reason: "Providers that medusa-config.ts does not name.",
    packages: [
      "@aws-sdk/client-dynamodb",
      "@medusajs/analytics-posthog",
      "@medusajs/notification-sendgrid",
      "@medusajs/payment-stripe",
      "connect-dynamodb",
      "posthog-node",
    ],
  },
];

/** Files that no program reads: for people, for compilers, for debuggers, or for bundlers (the ES twin of CommonJS). */
export const deadFiles = [
  /\.(map|md|markdown|mts|cts|flow|tsbuildinfo|tgz)$/i,
  /\.d\.ts$/,
  /(^|\/)(AUTHORS|CHANGELOG|CHANGES|HISTORY|CONTRIBUTING)(\.[a-z]+)?$/i,
  /\/(dist-es|dist-types|__tests__|__mocks__|__fixtures__)\//,
  /^@medusajs\/medusa\/oas\//,
  /^sharp\/(src|install)\//,
];

/** Whatever its ending, a licence goes where its program goes; those of the libraries in libvips stand in its README. */
export const licences = /\/(licen[cs]e|notice|copying)[^/]*$|^@img\/sharp-libvips-[\w-]+\/README\.md$/i;

/** The only files that still ask for something left out; each does so in code that a running backend never reaches. */
export const mayAsk = [
  /^@ardatan\/relay-compiler\/lib\/(bin|language)\//,
  /^@medusajs\/admin-bundler\/dist\/index\.js$/,
  /^@medusajs\/cli\/(cli|dist\/create-cli|dist\/did-you-mean|dist\/commands\/.*)\.js$/,
  /^@medusajs\/deps\/dist\/(mikro-orm-cli|opentelemetry-.*)\.js$/,
  /^@medusajs\/draft-order\/\.medusa\/server\/(src\/admin|tailwind\.config)/,
  /^@medusajs\/framework\/dist\/(build-tools|mikro-orm-cli)\//,
  /^@medusajs\/framework\/dist\/http\/express-loader\.js$/,
  /^@medusajs\/medusa\/dist\/commands\/(develop|plugin\/.*)\.js$/,
  /^umzug\/lib\/umzug\.js$/,
  /^@medusajs\/medusa\/dist\/modules\/(analytics-posthog|notification-sendgrid|payment-stripe)\.js$/,
];
