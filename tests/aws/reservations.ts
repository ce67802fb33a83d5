import type { FakedCall } from "./fakes.ts";
import type { Answer, Call, Memory } from "./stand-in.ts";
import { fields } from "./xml.ts";

type Reservation = Readonly<Record<string, string>>;

const NONE = "the packaged moto has no such call";

function kept(memory: Memory): Map<string, Reservation> {
  const found = (memory.get("subnet-reservations") ?? new Map<string, Reservation>()) as Map<string, Reservation>;
  memory.set("subnet-reservations", found);
  return found;
}

const answer = (action: string, body: string): Answer => ({
  xml: `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>stand-in</requestId>${body}</${action}Response>`,
});

function create({ action, form }: Call, memory: Memory): Answer {
  const reservation = {
    subnetCidrReservationId: `scr-${String(kept(memory).size + 1).padStart(17, "0")}`,
    subnetId: form.get("SubnetId") ?? "",
    cidr: form.get("Cidr") ?? "",
    reservationType: form.get("ReservationType") ?? "",
    ownerId: "123456789012",
    description: form.get("Description") ?? "",
  };
  kept(memory).set(reservation.subnetCidrReservationId, reservation);
  return answer(action, `<subnetCidrReservation>${fields(reservation)}</subnetCidrReservation>`);
}

function show({ action, form }: Call, memory: Memory): Answer {
  const found = [...kept(memory).values()].filter(({ subnetId }) => subnetId === form.get("SubnetId"));
  const items = found.map((reservation) => `<item>${fields(reservation)}</item>`).join("");
  return answer(action, `<subnetIpv4CidrReservationSet>${items}</subnetIpv4CidrReservationSet>`);
}

function remove({ action, form }: Call, memory: Memory): Answer {
  const id = form.get("SubnetCidrReservationId") ?? "";
  const found = kept(memory).get(id) ?? {};
  // Its number is not given again.
  kept(memory).set(id, { subnetCidrReservationId: id, subnetId: "" });
  return answer(action, `<deletedSubnetCidrReservation>${fields(found)}</deletedSubnetCidrReservation>`);
}

export const RESERVATIONS: Readonly<Record<string, FakedCall>> = {
  "ec2:CreateSubnetCidrReservation": { why: NONE, answer: create },
  "ec2:GetSubnetCidrReservations": { why: NONE, answer: show },
  "ec2:DeleteSubnetCidrReservation": { why: NONE, answer: remove },
};
