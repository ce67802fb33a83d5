/** Linux capabilities (capability.h up to 5.9); the engine takes them with and without `CAP_`, in any case. */
export const CAPABILITIES = new Set(
  `ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH
  FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE
  NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT
  SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG SYSLOG WAKE_ALARM`.split(/\s+/),
);

const SIGNALS = new Set(
  `ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP
  TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX`.split(/\s+/),
);
const REAL_TIME = 15;

/** A signal as the engine takes it (moby/sys/signal): a number, or a name with or without `SIG`. */
export function isSignal(text: string): boolean {
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= 64;
  const name = text.toUpperCase().replace(/^SIG/, "");
  const [, sign, count] = /^RT(MIN\+|MAX-)(\d+)$/.exec(name) ?? [];
  if (sign !== undefined) return Number(count) >= 1 && Number(count) <= (sign === "MIN+" ? REAL_TIME : REAL_TIME - 1);
  return SIGNALS.has(name);
}

const COMMON = ["mode", "max-buffer-size"];
const DETAILS = ["labels", "labels-regex", "env", "env-regex", "tag"];

/** What every engine brings, each with its options; undefined where they are the receiver's business. */
export const LOG_DRIVERS: Readonly<Record<string, readonly string[] | undefined>> = {
  "json-file": [...COMMON, ...DETAILS, "max-size", "max-file", "compress"],
  local: [...COMMON, "max-size", "max-file", "compress"],
  journald: [...COMMON, ...DETAILS],
  none: [],
  awslogs: undefined,
  fluentd: undefined,
  gcplogs: undefined,
  gelf: undefined,
  splunk: undefined,
  syslog: undefined,
};

const TMPFS_FLAGS = new Set(
  `ro rw suid nosuid dev nodev exec noexec sync async dirsync mand nomand atime noatime diratime nodiratime relatime
  norelatime strictatime nostrictatime`.split(/\s+/),
);
const TMPFS_VALUES: Readonly<Record<string, RegExp>> = {
  mode: /^[0-7]{1,5}$/,
  size: /^\d+[kmg%]?$/i,
  uid: /^\d+$/,
  gid: /^\d+$/,
  nr_inodes: /^\d+[kmg]?$/i,
  nr_blocks: /^\d+[kmg]?$/i,
  mpol: /^\S+$/,
};

/** The first option of a tmpfs that the kernel does not take. */
export function unknownTmpfsOption(options: string): string | undefined {
  return options.split(",").find((option) => {
    const [name = "", value] = option.split("=", 2);
    if (value === undefined) return option !== "" && !TMPFS_FLAGS.has(name);
    return !(Object.hasOwn(TMPFS_VALUES, name) && TMPFS_VALUES[name]?.test(value));
  });
}

/** Kernel settings that belong to a container's own namespaces (moby opts/opts.go); others would be the machine's. */
export const isOwnSysctl = (name: string): boolean =>
  /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)$|(net|fs\.mqueue)\.[\w./-]+$)/.test(
    name,
  ) && !name.includes("..");
