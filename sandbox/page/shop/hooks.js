// The webhooks that the shop was sent: what each says, whether the desk has signed it, and all of it to look at.
import { h, icon, keep, sign } from "../dom.js";
import { act } from "../wire.js";
import { world } from "../world.js";
import { clock } from "../text/dates.js";
import { hooksShown } from "./said.js";

/** {node, draw(shopper)}: those about the customer on view stand out. */
export function hooksPane() {
  const list = h("div", { class: "hooks-list", tabindex: "0", testid: "shop-hooks", "aria-label": "Webhooks" });
  const refuse = h("input", {
    type: "checkbox",
    testid: "shop-refuse",
    onchange: () => act("shop_refuse", { refuse: refuse.checked }),
  });
  const node = h(
    "section",
    { class: "hooks", "aria-label": "Webhooks that came" },
    h(
      "header",
      { class: "hooks-head" },
      h("h3", {}, "Webhooks"),
      h("span", { class: "spring" }),
      h("label", { class: "hooks-refuse" }, refuse, "Take none (503)"),
    ),
    list,
  );
  return {
    node,
    draw(shopper) {
      refuse.checked = Boolean(world.shop.refuses);
      const came = hooksShown();
      keep(list, came.length ? came.map((hook) => row(hook, hook.thread === shopper?.id)) : [none()]);
    },
  };
}

const none = () => ({
  key: "none",
  sig: "",
  make: () => h("p", { class: "muted hooks-none" }, "What the desk tells the shop stands here, signed."),
});

function row(hook, isTheirs) {
  return {
    key: hook.id,
    sig: sign(hook, isTheirs),
    make: () =>
      h(
        "details",
        {
          class: `hook${isTheirs ? "" : " of-another"}`,
          testid: `shop-hook-${hook.id}`,
          "data-signed": String(hook.signed),
          "data-type": hook.type,
        },
        h(
          "summary",
          {},
          h("code", { class: "hook-type" }, hook.type || "?"),
          h("span", { class: "spring" }),
          hook.times > 1 ? h("span", { class: "hook-mark" }, `${hook.times}×`) : null,
          hook.signed && !hook.taken ? h("span", { class: "hook-mark warn" }, "not taken") : null,
          h(
            "span",
            { class: `hook-mark ${hook.signed ? "good" : "bad"}`, title: hook.wrong || "Its signature is the desk’s" },
            icon(hook.signed ? "check" : "warn"),
            hook.signed ? "signed" : hook.wrong,
          ),
          h("time", { class: "muted small" }, clock(hook.at)),
          hook.text ? h("span", { class: "hook-text", dir: "auto" }, hook.text.slice(0, 200)) : null,
        ),
        h("p", { class: "muted small hook-id" }, "webhook-id ", h("code", {}, hook.id)),
        h("pre", { tabindex: "0" }, hook.body),
      ),
  };
}
