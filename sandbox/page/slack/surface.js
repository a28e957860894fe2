// Where blocks stand and what a press on them does: in a message, in an ephemeral message, in a modal or on a Home.
import { act } from "../wire.js";
import { viewer } from "../where.js";
import { valuesOf } from "../blocks/values.js";
import { sentence, trouble } from "./notes.js";

/** `where` is {room, ts}, {room, ephemeral_id} or {view_id}: the part of a click that says where it happened. */
export function surfaceOf(where, blocks, more = {}) {
  const user = viewer();
  const name = where.view_id ?? where.ephemeral_id ?? where.ts;
  const values = valuesOf(`${user} ${name}`);
  return {
    user,
    values,
    ...more,
    async press(block, part, extra) {
      trouble(name, null);
      try {
        await act("click", {
          user,
          ...where,
          block_id: block.block_id,
          action: { type: part.type, action_id: part.action_id, ...extra },
          values: values.collect(blocks),
        });
      } catch (refusal) {
        if (!refusal.code) throw refusal;
        trouble(name, sentence(refusal.code));
      }
    },
    async suggest(block, part, value) {
      try {
        return await act("options", { user, ...where, block_id: block.block_id, action_id: part.action_id, value });
      } catch (refusal) {
        if (!refusal.code) throw refusal;
        trouble(name, sentence(refusal.code));
        return { options: [] };
      }
    },
  };
}
