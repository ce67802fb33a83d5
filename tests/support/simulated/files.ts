import { ConfigurationError } from "../../../node-agent/src/base/errors.ts";
import type { Files } from "../../../node-agent/src/base/files.ts";

/** Files of a machine that exists in memory. */
export function memoryFiles(contents: Map<string, string>): Files {
  const modes = new Map<string, number>();
  const write = (path: string, content: string | Uint8Array, mode: number) => {
    contents.set(path, typeof content === "string" ? content : new TextDecoder().decode(content));
    modes.set(path, mode);
  };
  return {
    path: (nodePath) => `/machine${nodePath}`,
    read: async (path) => contents.get(path),
    readText: async (path) => contents.get(path),
    list: async (folder) => {
      const below = [...contents.keys()].filter((path) => path.startsWith(`${folder.replace(/\/$/, "")}/`));
      return [
        ...new Set(below.map((path) => path.slice(folder.replace(/\/$/, "").length + 1).split("/")[0] ?? "")),
      ].sort();
    },
    write: async (path, content, { mode = 0o600 } = {}) => {
      write(path, content, mode);
      return "written";
    },
    mode: async (path) => modes.get(path),
    stage: async (files) => {
      const staged = new Map(files.map((file) => [file.path, file]));
      return {
        commit: async (path) => {
          const file = staged.get(path);
          if (file === undefined)
            throw new ConfigurationError(`${path} was not staged`, { code: "program.failed", why: "", fix: "" });
          write(path, file.content, file.mode ?? 0o600);
        },
        discard: async () => undefined,
      };
    },
    sweep: async () => undefined,
    remove: async (path) => {
      for (const one of contents.keys()) if (one === path || one.startsWith(`${path}/`)) contents.delete(one);
    },
  };
}
