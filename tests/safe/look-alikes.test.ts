import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Machine, machineMissing, newMachine } from "../support/machine.ts";
import { prefixReaper } from "../support/reaper.ts";

const missing = machineMissing();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;
const ROOT = "/var/lib/shop-local";
const RECORD = `${ROOT}/var/lib/greenleaf/installed.json`;
const PROJECT = "com.docker.compose.project";
const PACKAGES = "dpkg-query -W -f '${Package} ${db:Status-Status}\\n' | sort";

/** What a stranger has whose names look like ours: each line makes one thing. */
const THEIRS = [
  // A stack called as the shop's services are, and one called as the shop is in part.
  `docker run -d --name shop-local-app-1 --label ${PROJECT}=shop-local --label com.docker.compose.service=postgres probe /bin/sleep 9999`,
  `docker run -d --name stranger-postgres-1 --label ${PROJECT}=stranger --label com.docker.compose.service=postgres -v stranger_postgres:/data probe /bin/sleep 9999`,
  `docker create --name shop2-caddy-1 --label ${PROJECT}=shop2 --label io.greenleaf.hash=v1:0 probe /bin/true`,
  `docker create --name other-root --label io.greenleaf.root=/srv/other-local --label ${PROJECT}=shop probe /bin/true`,
  `docker create --name theirs probe /bin/true`,
  `docker volume create --label ${PROJECT}=shop-local --label com.docker.compose.volume=data shop-local_data`,
  `docker volume create --label ${PROJECT}=shop --label com.docker.compose.volume=db shop_db`,
  `docker volume create shop-local`,
  `docker network create --label ${PROJECT}=shop-local shop-local_default`,
  `docker network create shop-locals`,
  // Images: a name like ours, and two built on one of ours, whose labels they inherit.
  `docker tag probe greenleaf/tool:local`,
  `c=$(docker create greenleaf/base:local /bin/true); docker commit $c theirs/child:1; docker commit -m x $c >/tmp/unnamed; docker rm $c`,
  `mkdir -p /var/lib/shop-locals/local /var/lib/shop/local /srv/victim-local /run/shop-locals && touch /srv/victim-local/precious`,
  `mkdir -p /var/lib/mine-local/local && echo precious >/var/lib/mine-local/local/data`,
];

/** What they have, for comparison: containers by state, volumes, networks, images by id, folders. */
const SNAPSHOT = `
  docker ps -a --format '{{.Names}} {{.State}}' | sort; docker volume ls -q | sort; docker network ls --format '{{.Name}}' | sort
  docker image inspect -f '{{.Id}} {{.RepoTags}}' probe theirs/child:1 $(cat /tmp/unnamed); find /var/lib/shop-locals /var/lib/shop /srv /run/shop-locals /var/lib/mine-local | sort`;

const OWN_IMAGE = "--change 'LABEL io.greenleaf.recipe=1'";
const IMPORT = "tar -c -C /usr/bin/.. bin/true bin/sleep lib lib64 2>/dev/null | docker import";

/** A world of today, by our label, and one from before it, by what `up` and compose wrote then. */
const WORLDS = {
  today: [
    `mkdir -p ${ROOT}/run /run/shop-local && ln -s /run/shop-local ${ROOT}/run/greenleaf`,
    `echo '{"version":1,"project":"shop","root":"${ROOT}","unlabelled":false}' >${ROOT}/greenleaf-world.json`,
    `docker network create --label io.greenleaf.root=${ROOT} --label ${PROJECT}=shop-local shop-local`,
    `docker volume create --label io.greenleaf.root=${ROOT} --label ${PROJECT}=shop-local shop-local_postgres`,
    `docker run -d --name shop-local-postgres-1 --network shop-local --label io.greenleaf.root=${ROOT} --label ${PROJECT}=shop-local -v shop-local_postgres:/data probe /bin/sleep 9999`,
    `docker run -d --name shop-caddy-1 --network shop-local --label ${PROJECT}=shop --label io.greenleaf.hash=v1:0 --label ${PROJECT}.working_dir=${ROOT}/releases/1 greenleaf/base:local /bin/sleep 9999`,
  ],
  old: [
    `mkdir -p ${ROOT}/run ${ROOT}/etc/greenleaf ${ROOT}/local/tls/postgres /run/shop-local && ln -s /run/shop-local ${ROOT}/run/greenleaf`,
    `echo '{"project":"shop","environment":"local","release":"file://${ROOT}/local/release.json"}' >${ROOT}/etc/greenleaf/node.json`,
    `docker network create --label ${PROJECT}=shop-local --label com.docker.compose.network=local shop-local`,
    `docker volume create --label ${PROJECT}=shop-local --label com.docker.compose.volume=postgres shop-local_postgres`,
    `docker run -d --name shop-local-postgres-1 --network shop-local --label ${PROJECT}=shop-local --label ${PROJECT}.config_files=/srv/greenleaf/compose/local.yml -v ${ROOT}/local/tls/postgres:/tls:ro -v shop-local_postgres:/data probe /bin/sleep 9999`,
    `docker run -d --name shop-caddy-1 --network shop-local --label ${PROJECT}=shop --label io.greenleaf.hash=v1:0 --label ${PROJECT}.working_dir=${ROOT}/releases/1 greenleaf/base:local /bin/sleep 9999`,
  ],
} as const;

describe.skipIf(missing !== undefined)(`down beside look-alikes${why}`, () => {
  let machine: Machine;
  let packagesBefore: string;
  let theirs: string;
  const reaper = prefixReaper(`greenleaf-test-machine-${process.pid}`);

  const must = (...lines: readonly string[]): string => {
    const { code, stdout, stderr } = machine.run(`set -e\n${lines.join("\n")}`);
    if (code !== 0) throw new Error(`${lines.join("; ")} ended with ${code}: ${stderr}`);
    return stdout;
  };
  const greenleaf = (...args: readonly string[]) => machine.run(`/src/greenleaf ${args.join(" ")}`);

  beforeAll(() => {
    machine = newMachine("bookworm");
    packagesBefore = must("apt-get update -qq", "apt-get install -y -qq hello >/dev/null", PACKAGES);
    const installed = machine.agent("install", "--only", "engine,plugins", "--root", ROOT);
    if (installed.code !== 0) throw new Error(installed.stderr);
    must(`${IMPORT} - probe`, `${IMPORT} ${OWN_IMAGE} - greenleaf/base:local`, "sleep 1.1", ...THEIRS);
    theirs = must(SNAPSHOT);
  });
  afterAll(async () => {
    machine?.remove();
    await reaper.finish();
  });

  test.each(["'../../srv/victim'", "''", "../shop", "SHOP", "-x"])(
    "--project %s is refused, and nothing is touched",
    (name) => {
      expect(greenleaf("down", "--purge", "--yes", `--project=${name}`)).toMatchObject({ code: 64 });
      expect(must(SNAPSHOT)).toBe(theirs);
    },
  );

  test.each(["stranger", "shop-local", "mine", "nobody"])(
    "down --purge of %s, which never was ours, touches nothing and says so",
    (name) => {
      const { code, stderr } = greenleaf("down", "--purge", "--yes", "--project", name);
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringMatching(/^greenleaf made no shop of project .*: nothing was touched\n$/),
      });
      expect(must(SNAPSHOT)).toBe(theirs);
    },
  );

  test.each(["stranger", "shop-local"])("up refuses the name of their stack %s", (name) => {
    const { code, stderr } = greenleaf("up", "--project", name, "--port", "18080");
    expect({ code, stderr }).toEqual({
      code: 78,
      stderr: expect.stringContaining(`error: the name "${name}" belongs to somebody else's stack`),
    });
    expect(must(SNAPSHOT)).toBe(theirs);
  });

  test("up refuses a folder of theirs that has its root's name", () => {
    expect(greenleaf("up", "--project", "mine", "--port", "18080")).toMatchObject({ code: 78 });
    expect(must(SNAPSHOT)).toBe(theirs);
  });

  test.each(["today", "old"] as const)(
    "a world of %s is stopped with its data kept, then purged, and theirs stay",
    (age) => {
      must(...["base:local", "node:local", ""].map((tag) => `${IMPORT} ${OWN_IMAGE} - ${tag && `greenleaf/${tag}`}`));
      must(...WORLDS[age]);
      expect(greenleaf("down", "--project", "shop")).toMatchObject({ code: 0 });
      expect(must("docker volume ls -q")).toContain("shop-local_postgres");
      expect(must("docker ps -a --format '{{.Names}}'")).not.toMatch(/^(shop-caddy-1|shop-local-postgres-1)$/m);
      expect(greenleaf("down", "--purge", "--yes", "--project", "shop")).toMatchObject({ code: 0 });
      expect(must(SNAPSHOT)).toBe(theirs);
      // Their four, and nothing of ours.
      expect(must("docker images --format '{{.Repository}}:{{.Tag}}' | sort").split("\n")).toEqual([
        "<none>:<none>",
        "greenleaf/tool:local",
        "probe:latest",
        "theirs/child:1",
        "",
      ]);
      // The engine stays for them, and what says that it is ours stays with it.
      expect(must(`find ${ROOT} /run/shop-local -type f 2>/dev/null || true`)).toBe(`${RECORD}\n`);
    },
  );

  test("once theirs are gone, exactly what up installed goes too", () => {
    must("docker rm -f $(docker ps -aq); docker volume rm $(docker volume ls -q); docker rmi -f $(docker images -q)");
    expect(greenleaf("down", "--purge", "--yes", "--project", "shop")).toMatchObject({ code: 0 });
    expect(must(PACKAGES)).toBe(packagesBefore);
    expect(machine.run(`ls -d ${ROOT} /var/lib/docker/* /usr/local/lib/docker 2>/dev/null`).stdout).toBe("");
  });

  test("the launcher's packages go, unless something of theirs came to need them", () => {
    const record = "/var/lib/greenleaf-local/launcher-packages";
    must(`mkdir -p $(dirname ${record})`, `printf 'perl-base\nhello\n' >${record}`);
    expect(greenleaf("down", "--purge", "--yes")).toMatchObject({ code: 0 });
    expect(must(PACKAGES)).toBe(packagesBefore);
    must(`printf 'hello\nhello\nno-such-package\n' >${record}`);
    expect(greenleaf("down", "--purge", "--yes")).toMatchObject({ code: 0 });
    expect(must(PACKAGES)).toBe(packagesBefore.replace("hello installed\n", ""));
    expect(machine.run(`ls -d $(dirname ${record})`).code).not.toBe(0);
  });
});
