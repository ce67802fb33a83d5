"""What moto forgets when it stops: parameters, secrets and S3 objects, kept as files in one folder.

    parameters.json, secrets.json   every field of moto's own objects, so versions, dates and ARNs survive too
    objects.json                    buckets and the latest version of each object, naming its bytes by their SHA-256
    blobs/<sha256>                  those bytes; written before, removed after the index that names them

Each file is written aside, synced and renamed: a reader finds the old or the new one. A file that cannot be read is
set aside under another name, with a message, and the server starts without it.
"""

import base64
import datetime
import hashlib
import json
import os
import pathlib
import sys
import time

from moto.backends import get_backend
from moto.s3.models import FakeBucket, FakeKey
from moto.secretsmanager.models import FakeSecret
from moto.ssm.models import Parameter


def say(message):
    print(f"aws: {message}", file=sys.stderr, flush=True)


def sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_file(path, content):
    aside = path.with_name(f".{path.name}.new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
    sync(path.parent)


def to_json(value):
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        return {"$time": value.isoformat()}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def from_json(pairs):
    if "$bytes" in pairs:
        return base64.b64decode(pairs["$bytes"])
    if "$time" in pairs:
        return datetime.datetime.fromisoformat(pairs["$time"])
    return pairs


def revive(kind, fields):
    """One of moto's objects from its fields, without the constructor that would draw a new ARN, version and date."""
    made = kind.__new__(kind)
    made.__dict__.update(fields)
    return made


def backends(service):
    return [(account, region, backend) for account, region, backend in get_backend(service).iter_backends()]


def dump_parameters():
    kept = []
    for account, region, backend in backends("ssm"):
        for name, versions in list(backend._parameters.items()):
            if versions and not name.startswith("/aws/"):
                tags = dict(backend._resource_tags["Parameter"].get(name, {}))
                kept.append({"account": account, "region": region, "name": name, "tags": tags,
                             "versions": [vars(version) for version in versions]})
    return kept


def load_parameters(kept):
    for each in kept:
        backend = get_backend("ssm")[each["account"]][each["region"]]
        backend._parameters[each["name"]] = [revive(Parameter, fields) for fields in each["versions"]]
        if each["tags"]:
            backend._resource_tags["Parameter"][each["name"]] = each["tags"]


def dump_secrets():
    return [
        {"account": account, "region": region, "fields": {**vars(secret), "replicas": []}}
        for account, region, backend in backends("secretsmanager")
        for secret in list(dict.values(backend.secrets))
        if isinstance(secret, FakeSecret)
    ]


def load_secrets(kept):
    for each in kept:
        secret = revive(FakeSecret, each["fields"])
        get_backend("secretsmanager")[each["account"]][each["region"]].secrets[secret.name] = secret


class Blobs:
    """The bytes of objects, each under its SHA-256. A key that was written once is not read again."""

    def __init__(self, folder):
        self.folder = folder
        self.known = {}

    def keep(self, key):
        seen = self.known.get(id(key))
        if seen and seen[0] is key:
            return seen[1]
        content = key.value
        digest = hashlib.sha256(content).hexdigest()
        if not (self.folder / digest).exists():
            write_file(self.folder / digest, content)
        self.known[id(key)] = (key, digest)
        return digest

    def read(self, digest):
        content = (self.folder / digest).read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise ValueError("its bytes have changed")
        return content

    def drop_all_but(self, digests):
        for path in self.folder.iterdir():
            if path.name not in digests:
                path.unlink(missing_ok=True)
        self.known = {key: seen for key, seen in self.known.items() if seen[1] in digests}


def dump_bucket(account, partition, bucket, blobs):
    # Names first: other requests go on changing the bucket, and a delete marker has no bytes.
    latest = [(name, bucket.keys.get(name)) for name in sorted(dict.keys(bucket.keys))]
    objects = [
        {"key": name, "blob": blobs.keep(key), "etag": key._etag, "modified": key.last_modified, "metadata": dict(key.metadata)}
        for name, key in latest
        if isinstance(key, FakeKey)
    ]
    return {"account": account, "partition": partition, "name": bucket.name, "region": bucket.region_name,
            "created": bucket.creation_date, "policy": bucket.policy, "versioning": bucket.versioning_status, "objects": objects}


def load_bucket(kept, blobs):
    backend = get_backend("s3")[kept["account"]][kept["partition"]]
    bucket = FakeBucket(name=kept["name"], account_id=kept["account"], region_name=kept["region"])
    bucket.creation_date, bucket.policy, bucket.versioning_status = kept["created"], kept["policy"], kept["versioning"]
    backend.buckets[bucket.name] = bucket
    for each in kept["objects"]:
        try:
            content = blobs.read(each["blob"])
        except (OSError, ValueError) as error:
            say(f"object {kept['name']}/{each['key']} is lost: {error}")
            continue
        key = backend.put_object(bucket.name, each["key"], content, etag=each["etag"], disable_notification=True)
        key.set_metadata(each["metadata"], replace=True)
        key.last_modified = each["modified"]


class State:
    """The folder, and what was last written to each of its files."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.blobs = Blobs(self.folder / "blobs")
        self.written = {}
        self.blobs.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def restore(self):
        for name, load in (("parameters", load_parameters), ("secrets", load_secrets), ("objects", self.load_objects)):
            path = self.folder / f"{name}.json"
            if not path.exists():
                continue
            try:
                load(json.loads(path.read_bytes(), object_hook=from_json))
            except Exception as error:  # noqa: BLE001 - whatever is wrong with the file, the server has to start
                aside = path.with_name(f"{name}.json.unreadable-{int(time.time())}")
                os.replace(path, aside)
                say(f"{path} cannot be read ({type(error).__name__}); kept as {aside.name}, starting without it")

    def load_objects(self, kept):
        for bucket in kept:
            load_bucket(bucket, self.blobs)

    def save(self, service):
        if service == "ssm":
            self.write("parameters", dump_parameters())
        elif service == "secretsmanager":
            self.write("secrets", dump_secrets())
        else:
            self.save_objects()

    def save_objects(self):
        kept = [
            dump_bucket(account, partition, bucket, self.blobs)
            for account, partition, backend in backends("s3")
            for bucket in list(backend.buckets.values())
        ]
        if self.write("objects", kept):
            self.blobs.drop_all_but({each["blob"] for bucket in kept for each in bucket["objects"]})

    def write(self, name, kept):
        content = json.dumps(kept, default=to_json, indent=1).encode()
        if self.written.get(name) == content:
            return False
        write_file(self.folder / f"{name}.json", content)
        self.written[name] = content
        return True
