import type { FakedCall } from "./fakes.ts";
import type { Answer, Call, Memory } from "./stand-in.ts";
import { errorXml, fields, queryXml, tag } from "./xml.ts";

type Form = Readonly<Record<string, string>>;

function kept(memory: Memory, kind: string): Map<string, Form> {
  const found = (memory.get(kind) ?? new Map<string, Form>()) as Map<string, Form>;
  memory.set(kind, found);
  return found;
}

const ok = (call: Call, result: string): Answer => ({ xml: queryXml(call.action, result) });
const missing = (code: string, name: string): Answer => ({ status: 404, xml: errorXml(code, `${name} not found`) });

const arn = (kind: string, name: string) => `arn:aws:elasticache:eu-west-3:123456789012:${kind}:${name}`;

/** `create`, `describe`, `modify` and `delete` of one kind of thing, kept in the stand-in's memory. */
function crud(kind: string, id: string, code: string, xml: (form: Form) => string) {
  const idOf = (call: Call) => call.form.get(id) ?? "";
  return {
    create: (call: Call, memory: Memory): Answer => {
      const form = Object.fromEntries(call.form);
      kept(memory, kind).set(idOf(call), form);
      return ok(call, xml(form));
    },
    describe:
      (list: string) =>
      (call: Call, memory: Memory): Answer => {
        const all = kept(memory, kind);
        const wanted = idOf(call);
        if (wanted !== "" && !all.has(wanted)) return missing(code, wanted);
        const found = wanted === "" ? [...all.values()] : [all.get(wanted) ?? {}];
        return ok(call, `<${list}>${found.map(xml).join("")}</${list}>`);
      },
    modify: (call: Call, memory: Memory): Answer => {
      const form = { ...kept(memory, kind).get(idOf(call)), ...Object.fromEntries(call.form) };
      kept(memory, kind).set(idOf(call), form);
      return ok(call, xml(form));
    },
    remove: (call: Call, memory: Memory): Answer => {
      const form = kept(memory, kind).get(idOf(call));
      if (!form) return missing(code, idOf(call));
      kept(memory, kind).delete(idOf(call));
      return ok(call, xml({ ...form, Status: "deleting" }));
    },
  };
}

const groups = crud("user-groups", "UserGroupId", "UserGroupNotFoundFault", (form) =>
  tag("member", "").replace(
    "></",
    `>${fields({ UserGroupId: form.UserGroupId, Status: "active", Engine: "valkey", ARN: arn("usergroup", form.UserGroupId ?? "") })}</`,
  ),
);

const families = crud(
  "parameter-groups",
  "CacheParameterGroupName",
  "CacheParameterGroupNotFound",
  (form) =>
    `<CacheParameterGroup>${fields({ CacheParameterGroupName: form.CacheParameterGroupName, CacheParameterGroupFamily: form.CacheParameterGroupFamily, Description: form.Description, ARN: arn("parametergroup", form.CacheParameterGroupName ?? "") })}</CacheParameterGroup>`,
);

const subnets = crud(
  "subnet-groups",
  "CacheSubnetGroupName",
  "CacheSubnetGroupNotFoundFault",
  (form) =>
    `<CacheSubnetGroup>${fields({ CacheSubnetGroupName: form.CacheSubnetGroupName, CacheSubnetGroupDescription: form.CacheSubnetGroupDescription, VpcId: "vpc-stand-in", ARN: arn("subnetgroup", form.CacheSubnetGroupName ?? "") })}<Subnets>${Object.keys(
      form,
    )
      .filter((key) => key.startsWith("SubnetIds."))
      .map((key) => `<Subnet>${fields({ SubnetIdentifier: form[key] })}</Subnet>`)
      .join("")}</Subnets></CacheSubnetGroup>`,
);

const count = (form: Form) => Number(form.NumCacheClusters ?? "1");
const memberId = (form: Form, index: number) => `${form.ReplicationGroupId}-00${index + 1}`;
const host = (form: Form) => `master.${form.ReplicationGroupId}.abc123.euw3.cache.amazonaws.com`;

const replicas = crud("replication-groups", "ReplicationGroupId", "ReplicationGroupNotFoundFault", (form) => {
  const members = Array.from({ length: count(form) }, (_, index) => index);
  const endpoint = (name: string, address: string) =>
    `<${name}>${fields({ Address: address, Port: form.Port ?? "6379" })}</${name}>`;
  const several = count(form) > 1;
  return `<ReplicationGroup>${fields({
    ReplicationGroupId: form.ReplicationGroupId,
    Description: form.ReplicationGroupDescription,
    Status: form.Status ?? "available",
    AutomaticFailover: several ? "enabled" : "disabled",
    MultiAZ: several ? "enabled" : "disabled",
    ClusterEnabled: "false",
    ClusterMode: "disabled",
    CacheNodeType: form.CacheNodeType,
    Engine: form.Engine,
    AtRestEncryptionEnabled: form.AtRestEncryptionEnabled,
    TransitEncryptionEnabled: form.TransitEncryptionEnabled,
    TransitEncryptionMode: form.TransitEncryptionMode,
    KmsKeyId: form.KmsKeyId,
    SnapshotRetentionLimit: form.SnapshotRetentionLimit,
    SnapshotWindow: form.SnapshotWindow,
    AutoMinorVersionUpgrade: form.AutoMinorVersionUpgrade,
    AuthTokenEnabled: "false",
    NetworkType: "ipv4",
    IpDiscovery: "ipv4",
    DataTiering: "disabled",
    ARN: arn("replicationgroup", form.ReplicationGroupId ?? ""),
  })}<UserGroupIds>${tag("member", form["UserGroupIds.member.1"] ?? "")}</UserGroupIds><MemberClusters>${members
    .map((index) => tag("ClusterId", memberId(form, index)))
    .join(
      "",
    )}</MemberClusters><NodeGroups><NodeGroup>${fields({ NodeGroupId: "0001", Status: "available" })}${endpoint("PrimaryEndpoint", host(form))}${endpoint("ReaderEndpoint", host(form).replace("master", "replica"))}<NodeGroupMembers>${members
    .map(
      (index) =>
        `<NodeGroupMember>${fields({ CacheClusterId: memberId(form, index), CacheNodeId: "0001", CurrentRole: index === 0 ? "primary" : "replica", PreferredAvailabilityZone: `eu-west-3${"ab"[index]}` })}</NodeGroupMember>`,
    )
    .join("")}</NodeGroupMembers></NodeGroup></NodeGroups></ReplicationGroup>`;
});

/** The members of a group, one by one: the provider reads engine version, window and groups from the first. */
function clusters(call: Call, memory: Memory): Answer {
  const wanted = call.form.get("CacheClusterId") ?? "";
  for (const form of kept(memory, "replication-groups").values()) {
    const index = Array.from({ length: count(form) }, (_, i) => memberId(form, i)).indexOf(wanted);
    if (index >= 0) return ok(call, `<CacheClusters>${clusterXml(form, wanted)}</CacheClusters>`);
  }
  return undefined;
}

function clusterXml(form: Form, id: string): string {
  return `<CacheCluster>${fields({
    CacheClusterId: id,
    CacheClusterStatus: "available",
    CacheNodeType: form.CacheNodeType,
    Engine: form.Engine,
    EngineVersion: `${form.EngineVersion?.split(".")[0]}.0.1`,
    NumCacheNodes: "1",
    PreferredMaintenanceWindow: form.PreferredMaintenanceWindow,
    SnapshotWindow: form.SnapshotWindow,
    SnapshotRetentionLimit: form.SnapshotRetentionLimit,
    AutoMinorVersionUpgrade: form.AutoMinorVersionUpgrade,
    CacheSubnetGroupName: form.CacheSubnetGroupName,
    ReplicationGroupId: form.ReplicationGroupId,
    TransitEncryptionEnabled: form.TransitEncryptionEnabled,
    AtRestEncryptionEnabled: form.AtRestEncryptionEnabled,
    NetworkType: "ipv4",
    IpDiscovery: "ipv4",
    ARN: arn("cluster", id),
  })}<CacheParameterGroup>${fields({ CacheParameterGroupName: form.CacheParameterGroupName, ParameterApplyStatus: "in-sync" })}</CacheParameterGroup><SecurityGroups><member>${fields({ SecurityGroupId: form["SecurityGroupIds.SecurityGroupId.1"], Status: "active" })}</member></SecurityGroups><CacheNodes><CacheNode>${fields({ CacheNodeId: "0001", CacheNodeStatus: "available" })}<Endpoint>${fields({ Address: host(form), Port: form.Port ?? "6379" })}</Endpoint></CacheNode></CacheNodes></CacheCluster>`;
}

function parametersOf(call: Call, memory: Memory): Answer {
  const form = kept(memory, "parameter-groups").get(call.form.get("CacheParameterGroupName") ?? "") ?? {};
  const name = form["ParameterNameValues.ParameterNameValue.1.ParameterName"];
  const value = form["ParameterNameValues.ParameterNameValue.1.ParameterValue"];
  const one =
    name === undefined
      ? ""
      : `<Parameter>${fields({ ParameterName: name, ParameterValue: value, Source: "user" })}</Parameter>`;
  return ok(call, `<Parameters>${one}</Parameters>`);
}

const TAGGED: Readonly<Record<string, string>> = {
  replicationgroup: "replication-groups",
  parametergroup: "parameter-groups",
  subnetgroup: "subnet-groups",
};

/** Tags given at creation, by the ARN's last part; moto knows none of these things. */
function tagsOf(call: Call, memory: Memory): Answer {
  const [kind = "", name = ""] = (call.form.get("ResourceName") ?? "").split(":").slice(-2);
  const form = kept(memory, TAGGED[kind] ?? kind).get(name);
  if (!form) return undefined;
  const tags: string[] = [];
  for (let index = 1; form[`Tags.Tag.${index}.Key`] !== undefined; index += 1) {
    tags.push(`<Tag>${fields({ Key: form[`Tags.Tag.${index}.Key`], Value: form[`Tags.Tag.${index}.Value`] })}</Tag>`);
  }
  return ok(call, `<TagList>${tags.join("")}</TagList>`);
}

const NONE = "moto 5.1 has no such call";
const MEMBERS = "moto's groups have no members, and the provider reads the first one";

export const ELASTICACHE: Readonly<Record<string, FakedCall>> = {
  "elasticache:CreateUserGroup": { why: NONE, answer: groups.create },
  "elasticache:DescribeUserGroups": { why: NONE, answer: groups.describe("UserGroups") },
  "elasticache:CreateCacheSubnetGroup": {
    why: "moto looks for the subnets in another region",
    answer: subnets.create,
  },
  "elasticache:DescribeCacheSubnetGroups": { why: "as above", answer: subnets.describe("CacheSubnetGroups") },
  "elasticache:DeleteCacheSubnetGroup": { why: "as above", answer: subnets.remove },
  "elasticache:CreateCacheParameterGroup": { why: NONE, answer: families.create },
  "elasticache:DescribeCacheParameterGroups": { why: NONE, answer: families.describe("CacheParameterGroups") },
  "elasticache:ModifyCacheParameterGroup": { why: NONE, answer: families.modify },
  "elasticache:DescribeCacheParameters": { why: NONE, answer: parametersOf },
  "elasticache:DeleteCacheParameterGroup": { why: NONE, answer: families.remove },
  "elasticache:CreateReplicationGroup": { why: MEMBERS, answer: replicas.create },
  "elasticache:DescribeReplicationGroups": { why: MEMBERS, answer: replicas.describe("ReplicationGroups") },
  "elasticache:ModifyReplicationGroup": { why: MEMBERS, answer: replicas.modify },
  "elasticache:DeleteReplicationGroup": { why: MEMBERS, answer: replicas.remove },
  "elasticache:DescribeCacheClusters": { why: MEMBERS, answer: clusters },
  "elasticache:ListTagsForResource": { why: MEMBERS, answer: tagsOf },
};
