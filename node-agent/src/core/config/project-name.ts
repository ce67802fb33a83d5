/**
 * What a project may be called: Compose's own rule, so that a node runs every project that `up --project` takes. It becomes
 * a Docker project, names of containers, networks and volumes, a folder and a unit; no name is as long as to be cut there.
 */
export const PROJECT_NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/;
export const PROJECT_NAME_RULE = "1 to 32 of a-z, 0-9, _ and -, beginning with a letter or a digit";
