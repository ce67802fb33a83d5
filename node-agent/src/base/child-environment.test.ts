import { expect, test } from "vitest";
import { childEnvironment } from "./child-environment.ts";
import { exec } from "./exec.ts";

const AMBIENT = `
  DOCKER_CONTEXT DOCKER_CONFIG DOCKER_DEFAULT_PLATFORM DOCKER_TLS_VERIFY DOCKER_API_VERSION
  COMPOSE_PROJECT_NAME COMPOSE_FILE COMPOSE_ENV_FILES COMPOSE_PROFILES COMPOSE_REMOVE_ORPHANS
  BUILDX_BUILDER BUILDX_CONFIG BUILDKIT_HOST BUILDKIT_PROGRESS APT_CONFIG DEBIAN_PRIORITY DPKG_ROOT
  PERL5OPT PYTHONPATH TAR_OPTIONS GZIP XZ_OPT GIT_DIR GIT_WORK_TREE GIT_CONFIG_COUNT OPENSSL_CONF
  CURL_HOME BASH_ENV ENV CDPATH NODE_OPTIONS NODE_PATH NODE_ENV npm_config_prefix NPM_CONFIG_DRY_RUN
  npm_config_omit TF_WORKSPACE TF_CLI_ARGS_plan TF_VAR_region TF_DATA_DIR PKR_VAR_role PACKER_LOG
  ZX_SHELL`
  .trim()
  .split(/\s+/);
const OUTSIDE = `
  PATH HOME TMPDIR LANG HTTPS_PROXY NO_PROXY SSL_CERT_FILE NODE_EXTRA_CA_CERTS npm_config_registry
  npm_config_https_proxy npm_config_cafile TF_CLI_CONFIG_FILE AWS_PROFILE GIT_SSL_CAINFO
  SOURCE_DATE_EPOCH NOTIFY_SOCKET GREENLEAF_LAB CURL_CA_BUNDLE`
  .trim()
  .split(/\s+/);

test.each(AMBIENT)("%s of the shell reaches no program", (name) => {
  expect(childEnvironment({ [name]: "x" })).not.toHaveProperty([name]);
});

test.each(OUTSIDE)("%s, which says how to reach the outside, is kept", (name) => {
  expect(childEnvironment({ [name]: "x" })).toHaveProperty([name], "x");
});

test("docker always speaks to the engine of this machine, and apt never asks", () => {
  expect(childEnvironment({ DOCKER_HOST: "tcp://10.9.9.9:2375", DEBIAN_FRONTEND: "dialog" })).toEqual({
    DOCKER_HOST: "unix:///var/run/docker.sock",
    DEBIAN_FRONTEND: "noninteractive",
  });
});

test("a program that is run gets this environment, and what its caller adds", async () => {
  process.env.COMPOSE_PROJECT_NAME = "strangershop";
  try {
    const { stdout } = await exec(["env"], { env: { COMPOSE_FILE: "ours.yml" } });
    expect(stdout).not.toContain("strangershop");
    expect(stdout).toContain("DOCKER_HOST=unix:///var/run/docker.sock\n");
    expect(stdout).toContain("COMPOSE_FILE=ours.yml\n");
  } finally {
    delete process.env.COMPOSE_PROJECT_NAME;
  }
});
