// An AWS that takes its time, as a process of its own: argv is milliseconds a call, parameters, secrets. Prints its address.
import { startFaultProxy } from "../aws-fault-proxy.ts";
import { startFakeAws } from "../fake-aws.ts";

const [delayMs = 60, parameters = 37, secrets = 5] = process.argv.slice(2).map(Number);
const aws = await startFakeAws();
for (let index = 0; index < parameters; index += 1) {
  aws.parameters.set(`/greenleaf/test/p${index}`, { value: `value ${index} $x`, type: "SecureString" });
}
for (let index = 0; index < secrets; index += 1) {
  aws.secrets.set(`greenleaf/test/s${index}`, JSON.stringify({ username: `u${index}`, password: `p'${index}"` }));
}
const proxy = await startFaultProxy(aws.url);
proxy.delayMs = delayMs;
process.stdout.write(`${proxy.url}\n`);
