# Packets conntrack cannot place: a lone RST, a lone SYN-ACK, and data far outside an open flow's window.
import socket, struct, sys, time

own, server = sys.argv[1], sys.argv[2]

def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF

def segment(port, to, flags, seq, payload=b""):
    header = lambda c: struct.pack("!HHIIBBHHH", port, to, seq, 1, 5 << 4, flags, 1024, c, 0)
    pseudo = socket.inet_aton(own) + socket.inet_aton(server) + struct.pack("!BBH", 0, 6, 20 + len(payload))
    return header(checksum(pseudo + header(0) + payload)) + payload

raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
flow = socket.create_connection((server, 443))
raw.sendto(segment(40001, 443, 0x04, 1), (server, 0))
raw.sendto(segment(40002, 443, 0x12, 1), (server, 0))
# The flow's own numbers are random: of eight that go round the whole circle at least three lie beyond its window.
for turn in range(8):
    raw.sendto(segment(flow.getsockname()[1], 443, 0x18, turn << 29, b"late"), (server, 0))
time.sleep(0.2)
print("sent 10", flush=True)
