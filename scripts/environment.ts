import { childEnvironment } from "../node-agent/src/base/child-environment.ts";
import { root } from "./images/folders.ts";

// Imported first, for its effect: whatever is started from here on, by whichever library, inherits what is left. The
// docker command gets a folder of its own, so that no context, plugin setting or proxy of a person's reaches a build.
const kept = childEnvironment(process.env);
for (const name of Object.keys(process.env)) if (!(name in kept)) delete process.env[name];
Object.assign(process.env, kept, { DOCKER_CONFIG: `${root}/dist/docker` });
