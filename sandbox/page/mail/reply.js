// The box in which a customer answers a mail, in its thread.
import { growing, h, icon } from "../dom.js";
import { draft, keepDraft } from "../drafts.js";
import { answerable, asHtml, party } from "./letters.js";
import { parcel, post } from "./posting.js";

/** The answer below a conversation: {node, draw(box, conversation)}. */
export function replyForm() {
  const body = h("textarea", { class: "field", rows: 3, dir: "auto", testid: "reply-body", "aria-label": "Answer" });
  const fit = growing(body, 260);
  const quote = h("input", { type: "checkbox", checked: true, testid: "reply-quote" });
  const rich = h("input", { type: "checkbox", testid: "reply-html" });
  const files = parcel("reply");
  const send = h("button", { class: "button primary", testid: "reply-send" }, icon("send"), "Send");
  const whom = h("bdi", {});
  const opener = h(
    "button",
    { type: "button", class: "button", testid: "mail-reply", onclick: () => begin() },
    icon("reply"),
    h("span", {}, "Reply to ", whom),
  );
  let one = null,
    box = null,
    key = "";

  const open = (yes) => {
    form.hidden = !yes;
    opener.hidden = yes;
    if (yes) fit();
  };
  const begin = () => {
    open(true);
    body.focus();
    form.scrollIntoView({ block: "nearest" });
  };
  const leave = () => {
    open(false);
    opener.focus();
  };
  const submit = async (event) => {
    event.preventDefault();
    const { start, quote: before } = answerable(one);
    const text = quote.checked ? `${body.value}\n\n${before}` : body.value;
    send.disabled = true;
    const sent = await post({
      from: box.address,
      ...start,
      text,
      html: rich.checked ? asHtml(text) : undefined,
      attachments: await files.take(),
    });
    send.disabled = false;
    if (!sent) return;
    body.value = "";
    keepDraft(key);
    files.empty();
    leave();
  };
  body.addEventListener("input", () => keepDraft(key, body.value));
  const form = h(
    "form",
    {
      class: "reply-form",
      hidden: true,
      onsubmit: submit,
      onkeydown: (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
        if (event.key === "Escape") leave();
      },
    },
    body,
    files.chips,
    h(
      "footer",
      {},
      send,
      files.button,
      files.chooser,
      h("label", { class: "choice" }, quote, h("span", {}, "quote the mail")),
      h("label", { class: "choice" }, rich, h("span", {}, "also as HTML")),
      h("span", { class: "spring" }),
      h("button", { type: "button", class: "quiet", testid: "reply-discard", onclick: leave }, "Cancel"),
    ),
  );
  return {
    node: h("div", { class: "answer" }, opener, form),
    draw(nextBox, next) {
      [box, one] = [nextBox, next];
      const { to } = answerable(one).start;
      whom.textContent = party(to).name;
      opener.title = to;
      const name = `answer/${box.address}/${one.id}`;
      if (name === key) return;
      key = name;
      body.value = draft(key) ?? "";
      open(Boolean(body.value));
    },
  };
}
