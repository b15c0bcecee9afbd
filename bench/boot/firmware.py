"""Pretend machines that are powered on: each gets its address as firmware does, without a relay agent.

firmware.py INTERFACE MACHINES SPREAD_SECONDS LIMIT_SECONDS

Machine number n has the MAC 02:5c:00:00:00:00 + n, and asks at some moment of the first
SPREAD_SECONDS; it asks again after 4, 8, 16 and 32 seconds (PXE 2.1, 2.2.4). Every other one wants
broadcast answers. Prints one line of JSON.
"""

import heapq
import json
import random
import select
import socket
import struct
import sys
import time

FIRST_MAC = 0x025C_0000_0000
RETRY_SECONDS = (4, 8, 16, 32)
COOKIE = b"\x63\x82\x53\x63"
DISCOVER, OFFER, REQUEST, ACK, NAK = 1, 2, 3, 5, 6


class Machine:
    def __init__(self, number):
        self.number = number
        self.mac = (FIRST_MAC + number).to_bytes(6, "big")
        self.restart()

    def restart(self):
        """Asks for an address, whatever came before."""
        self.xid = struct.pack("!I", random.getrandbits(32))
        self.sent = 0
        self.offer = b""
        self.bound = False

    def frame(self):
        kind = REQUEST if self.offer else DISCOVER
        options = bytes((53, 1, kind)) + self.offer
        options += b"\x37\x06\x01\x03\x06\x0f\x42\x43\x39\x02\x05\xc0"
        options += b"\x3c\x20PXEClient:Arch:00007:UNDI:003000" + b"\x5d\x02\x00\x07\xff"
        flags = 0x8000 if self.number % 2 else 0
        head = b"\x01\x01\x06\x00" + self.xid + struct.pack("!HH", 0, flags)
        bootp = head + bytes(16) + self.mac + bytes(10 + 64 + 128) + COOKIE + options
        udp = struct.pack("!HHHH", 68, 67, 8 + len(bootp), 0) + bootp
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
        ip += bytes(4) + b"\xff\xff\xff\xff"
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        return b"\xff" * 6 + self.mac + b"\x08\x00" + ip + udp


def checksum(header):
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - ((total & 0xFFFF) + (total >> 16))


def read_answer(frame):
    """MAC, transaction, address and options of a DHCP answer, or None."""
    if len(frame) < 42 + 240 or frame[12:14] != b"\x08\x00" or frame[23] != 17:
        return None
    if frame[36:38] != b"\x00\x44" or frame[42] != 2 or frame[278:282] != COOKIE:
        return None
    options, at = {}, 282
    while at + 1 < len(frame) and frame[at] != 255:
        if frame[at] == 0:
            at += 1
            continue
        options[frame[at]] = frame[at + 2 : at + 2 + frame[at + 1]]
        at += 2 + frame[at + 1]
    return frame[70:76], frame[46:50], frame[58:62], options


def main():
    interface = sys.argv[1]
    count, spread, limit = int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
    # SO_RCVBUFFORCE: it stands for a thousand machines, each with a buffer of its own.
    wire.setsockopt(socket.SOL_SOCKET, 33, 64 * 2**20)
    wire.bind((interface, 0))
    # PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC: answers go to the machines' own MACs.
    index = socket.if_nametoindex(interface)
    wire.setsockopt(263, 1, struct.pack("iHH8s", index, 1, 0, b""))
    wire.setblocking(False)

    machines = {}
    random.seed(count)
    start = time.monotonic()
    due = []
    for number in range(count):
        machine = Machine(number)
        machines[machine.mac] = machine
        heapq.heappush(due, (start + random.random() * spread, number, 0, machine.xid))
    by_number = list(machines.values())
    result = {"bound": 0, "lastBoundSeconds": 0.0, "resent": 0, "refused": 0}

    def send(machine):
        now = time.monotonic()
        result["resent"] += machine.sent > 0
        wait = RETRY_SECONDS[min(machine.sent, len(RETRY_SECONDS) - 1)]
        machine.sent += 1
        heapq.heappush(due, (now + wait, machine.number, machine.sent, machine.xid))
        try:
            wire.send(machine.frame())
        except OSError:
            pass  # Lost, as on any wire.

    def hear(frame):
        answer = read_answer(frame)
        machine = answer and machines.get(answer[0])
        if not machine or machine.bound or machine.xid != answer[1]:
            return
        kind = (answer[3].get(53) or b"\x00")[0]
        if kind == OFFER and not machine.offer:
            machine.offer = b"\x32\x04" + answer[2] + b"\x36\x04" + answer[3].get(54, bytes(4))
            machine.sent = 0
            send(machine)
        elif kind == ACK and machine.offer:
            machine.bound = True
            result["bound"] += 1
            result["lastBoundSeconds"] = time.monotonic() - start
        elif kind == NAK:
            result["refused"] += 1
            machine.restart()
            send(machine)

    while result["bound"] < count and time.monotonic() < start + limit:
        while due and due[0][0] <= time.monotonic():
            _, number, sent, xid = heapq.heappop(due)
            machine = by_number[number]
            # Of what it sent last, unless it has been answered.
            if not machine.bound and machine.sent == sent and machine.xid == xid:
                send(machine)
        pause = due[0][0] - time.monotonic() if due else 0.1
        if not select.select([wire], [], [], min(max(pause, 0), 0.1))[0]:
            continue
        try:
            for _ in range(64):
                hear(wire.recv(2048))
        except BlockingIOError:
            pass
    print(json.dumps(result))


main()
