// The viewer's stack of modals: the topmost is shown; errors stand under their inputs; a submit waits for the app's answer.
import { add, fill, h, icon } from "../dom.js";
import { act } from "../wire.js";
import { changed, noteErrors, world } from "../world.js";
import { viewer } from "../where.js";
import { blocksOf, complaints } from "../blocks/blocks.js";
import { textOf } from "../blocks/texts.js";
import { valuesOf } from "../blocks/values.js";
import { sentence, trouble, troubleAt } from "./notes.js";
import { surfaceOf } from "./surface.js";

const waiting = new Set();
const FOCUSABLE =
  "button:not([disabled]), input:not([disabled]), textarea:not([disabled]), select, a[href], summary, [tabindex='0']";

/** The layer over the Slack side; draw() brings it up to date. */
export function modalLayer() {
  const shade = h("div", { class: "shade", hidden: true });
  let drawn = "",
    top = null,
    judged,
    before = null;

  const draw = () => {
    const me = viewer();
    const stack = world.views.get(me) ?? [];
    const view = stack.at(-1);
    shade.hidden = !view;
    if (!view) {
      if (top) before?.focus?.();
      [top, drawn] = [null, ""];
      shade.replaceChildren();
      return;
    }
    const { errors, turn } = world.viewErrors.get(view.id) ?? {};
    const sig = JSON.stringify([
      me,
      view.id,
      view.blocks,
      view.title,
      view.submit,
      view.close,
      view.submit_disabled,
      stack.length,
      turn,
      waiting.has(view.id),
      troubleAt(view.id),
      world.names,
    ]);
    if (sig === drawn) return;
    drawn = sig;
    const values = valuesOf(`${me} ${view.id}`);
    values.prune(view.blocks);
    values.adopt(view.state);
    const fresh = view.id !== top;
    if (!top) before = document.activeElement;
    const inside = !fresh && shade.contains(document.activeElement);
    const scrolled = fresh ? 0 : (shade.querySelector(".dialog-body")?.scrollTop ?? 0);
    const dialog = modal(view, stack, values, errors);
    fill(shade, dialog);
    dialog.querySelector(".dialog-body").scrollTop = scrolled;
    if (fresh || (errors && (!inside || turn !== judged))) first(dialog, errors).focus();
    else if (document.activeElement === dialog) dialog.querySelector("footer .primary:not([disabled])")?.focus();
    [top, judged] = [view.id, turn];
  };
  return { node: shade, draw };
}

const first = (dialog, errors) =>
  (errors && dialog.querySelector(".wrong .field, .wrong input")) ||
  dialog.querySelector("[data-focus]") ||
  dialog.querySelector(".block.input .field, .block.input input") ||
  dialog;

function modal(view, stack, values, errors) {
  const busy = waiting.has(view.id);
  const surface = surfaceOf({ view_id: view.id }, view.blocks, {
    errors,
    typed: (block) => forgive(view, block, dialog),
  });
  const send = () => submit(view, values);
  const said = troubleAt(view.id);
  const dialog = h(
    "div",
    {
      class: "dialog",
      role: "dialog",
      "aria-modal": "true",
      "aria-labelledby": "modal-title",
      tabindex: "-1",
      testid: "modal",
      "data-view": view.id,
      "data-callback": view.callback_id,
      "aria-busy": busy ? "true" : undefined,
      onkeydown: (event) => keys(event, dialog, view, send),
    },
    h(
      "header",
      {},
      stack.length > 1
        ? h(
            "button",
            { type: "button", class: "quiet", testid: "modal-back", "aria-label": "Back", onclick: () => close(view) },
            icon("back"),
          )
        : h("span", { class: "avatar bot small", "aria-hidden": "true" }, "D"),
      h("h2", { id: "modal-title", testid: "modal-title", dir: "auto" }, textOf(view.title)),
      h(
        "button",
        { type: "button", class: "quiet", testid: "modal-x", "aria-label": "Close", onclick: () => close(view) },
        icon("close"),
      ),
    ),
    h(
      "div",
      { class: "dialog-body" },
      said && h("div", { class: "trouble", role: "alert", testid: "modal-error" }, icon("warn"), h("span", {}, said)),
      h("div", { class: "blocks" }, blocksOf(view.blocks, surface)),
    ),
  );
  const foot = h("footer", {});
  add(foot, [
    h(
      "button",
      { type: "button", class: "button", testid: "modal-close", onclick: () => close(view) },
      view.close ? textOf(view.close) : view.submit ? "Cancel" : "Close",
    ),
    view.submit &&
      h(
        "button",
        {
          type: "button",
          class: `button primary${busy ? " busy" : ""}`,
          testid: "modal-submit",
          disabled: busy || Boolean(view.submit_disabled),
          onclick: send,
        },
        textOf(view.submit),
      ),
  ]);
  dialog.append(foot);
  return dialog;
}

// Typing into an input that was wrong takes its error away, in place: what is being typed or chosen must not be redrawn.
function forgive(view, block, dialog) {
  const known = world.viewErrors.get(view.id);
  if (!known?.errors[block.block_id]) return;
  delete known.errors[block.block_id];
  const said = [...dialog.querySelectorAll(".error")].find((node) => node.dataset.testid === `error-${block.block_id}`);
  if (!said) return;
  said.hidden = true;
  said.closest("label, fieldset").classList.remove("wrong");
}

async function submit(view, values) {
  if (waiting.has(view.id)) return;
  const user = viewer();
  const wrong = complaints(view.blocks, values);
  trouble(view.id, null);
  world.viewErrors.delete(view.id);
  if (Object.keys(wrong).length) {
    noteErrors(user, view.id, wrong);
    return;
  }
  waiting.add(view.id);
  changed();
  try {
    const answer = await act("submit", { user, view_id: view.id, values: values.collect(view.blocks) });
    if (answer?.errors && Object.keys(answer.errors).length) noteErrors(user, view.id, answer.errors);
    else values.forget();
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    if (refusal.answer?.errors) noteErrors(user, view.id, refusal.answer.errors);
    else
      trouble(
        view.id,
        refusal.code === "timeout" ? "We had some trouble connecting. Try again?" : sentence(refusal.code),
      );
  }
  waiting.delete(view.id);
  changed();
}

async function close(view) {
  try {
    await act("close_view", { user: viewer(), view_id: view.id });
    valuesOf(`${viewer()} ${view.id}`).forget();
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    trouble(view.id, sentence(refusal.code));
  }
}

function keys(event, dialog, view, send) {
  if (event.key === "Escape") {
    event.preventDefault();
    close(view);
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && view.submit) {
    event.preventDefault();
    send();
  } else if (event.key === "Tab") {
    const all = [...dialog.querySelectorAll(FOCUSABLE)].filter((node) => node.offsetParent);
    const edge = event.shiftKey ? all[0] : all.at(-1);
    if (document.activeElement !== edge && document.activeElement !== dialog) return;
    event.preventDefault();
    (event.shiftKey ? all.at(-1) : all[0])?.focus();
  } else return;
  event.stopPropagation();
}
