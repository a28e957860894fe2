// Where a person writes into a room or thread: Enter sends, words after / @ : are completed, files are carried along.
import { fill, float, growing, h, icon, toast } from "../dom.js";
import { draft, keepDraft } from "../drafts.js";
import { act, packed } from "../wire.js";
import { isMember, nameOf, world } from "../world.js";
import { viewer } from "../where.js";
import { emojiLike } from "../text/emoji.js";
import { avatar } from "./avatar.js";
import { pickEmoji } from "./emoji-picker.js";
import { remark, sentence } from "./notes.js";

/** One composer; `aim` says {room, thread} at the moment of sending. `testid` is "composer" or "thread-composer". */
export function composer(testid, aim) {
  const area = h("textarea", { rows: 1, dir: "auto", testid, "aria-label": "Message" });
  const hints = h("div", { class: "hints", role: "listbox", testid: `${testid}-suggestions`, hidden: true });
  const carried = h("div", { class: "carried" });
  const chooser = h("input", { type: "file", multiple: true, hidden: true, testid: `${testid}-files` });
  const fit = growing(area, 220);
  let files = [],
    offered = [],
    at = 0,
    key = "";

  const send = async () => {
    const text = area.value.trim();
    if (!text && !files.length) return;
    const { room, thread } = aim();
    const kept = files;
    put("");
    files = [];
    showFiles();
    try {
      if (/^\/\S/.test(text) && !kept.length) await command(room, thread, text);
      else
        await act("say", {
          user: viewer(),
          room: room.id,
          text,
          thread_ts: thread,
          files: kept.length ? await Promise.all(kept.map(packed)) : undefined,
        });
    } catch (refusal) {
      if (!refusal.code) throw refusal;
      if (!area.value) put(text);
      files = kept;
      showFiles();
      toast(sentence(refusal.code), "error", refusal.code);
    }
  };
  const put = (text) => {
    area.value = text;
    keepDraft(`slack/${key}`, text);
    fit();
    suggest();
    button.disabled = !text.trim() && !files.length;
  };
  const showFiles = () => {
    fill(
      carried,
      files.map((file) =>
        h(
          "span",
          { class: "chip" },
          icon("file"),
          h("bdi", {}, file.name),
          h(
            "button",
            {
              type: "button",
              class: "quiet",
              "aria-label": `Remove ${file.name}`,
              onclick: () => {
                files = files.filter((one) => one !== file);
                showFiles();
              },
            },
            icon("close"),
          ),
        ),
      ),
    );
    button.disabled = !area.value.trim() && !files.length;
  };
  const take = (item) => {
    const caret = area.selectionStart;
    const before = area.value.slice(0, item.from) + item.insert;
    put(before + area.value.slice(caret));
    area.focus();
    area.setSelectionRange(before.length, before.length);
    suggest();
  };
  const suggest = () => {
    offered = area === document.activeElement ? completions(area.value.slice(0, area.selectionStart)) : [];
    at = Math.min(at, Math.max(0, offered.length - 1));
    hints.hidden = !offered.length;
    fill(
      hints,
      offered.map((item, index) =>
        h(
          "button",
          {
            type: "button",
            role: "option",
            class: `menu-item${index === at ? " at" : ""}`,
            "aria-selected": String(index === at),
            testid: item.testid,
            onpointerdown: (event) => event.preventDefault(),
            onclick: () => take(item),
          },
          item.words,
        ),
      ),
    );
  };

  area.addEventListener("input", () => {
    at = 0;
    put(area.value);
  });
  area.addEventListener("blur", () => setTimeout(suggest, 100));
  area.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const open = offered.length > 0;
    if (open && step) at = (at + step + offered.length) % offered.length;
    else if (open && event.key === "Tab") take(offered[at]);
    else if (open && event.key === "Escape") offered = [];
    else if (event.key === "Enter" && !event.shiftKey) {
      if (open && !offered[at].done) take(offered[at]);
      else send();
    } else return;
    event.preventDefault();
    event.stopPropagation();
    if (step) suggest();
    if (!offered.length) hints.hidden = true;
  });
  area.addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    files = [...files, ...event.clipboardData.files];
    showFiles();
  });
  chooser.addEventListener("change", () => {
    files = [...files, ...chooser.files];
    chooser.value = "";
    showFiles();
  });

  const smile = tool("smile", "Emoji", `${testid}-emoji`, () =>
    pickEmoji(smile, (name) => {
      const caret = area.selectionStart;
      put(`${area.value.slice(0, caret)}:${name}: ${area.value.slice(caret)}`);
      area.focus();
    }),
  );
  const bolt = tool("bolt", "Shortcuts", `${testid}-shortcuts`, () => shortcuts(bolt));
  const button = h(
    "button",
    {
      type: "button",
      class: "send",
      title: "Send",
      "aria-label": "Send",
      testid: `${testid}-send`,
      disabled: true,
      onclick: send,
    },
    icon("send"),
  );
  const node = h(
    "div",
    { class: "composer" },
    hints,
    area,
    carried,
    h(
      "div",
      { class: "composer-tools" },
      tool("clip", "Attach files", `${testid}-attach`, () => chooser.click()),
      smile,
      testid === "composer" && bolt,
      h(
        "span",
        { class: "keys" },
        h("kbd", {}, "Enter"),
        " sends, ",
        h("kbd", {}, "Shift"),
        " ",
        h("kbd", {}, "Enter"),
        " new line",
      ),
      button,
    ),
    chooser,
  );
  return {
    node,
    /** Bring it to another room or thread: each keeps its own draft. */
    aimAt(name, placeholder) {
      area.placeholder = placeholder;
      if (name === key) return;
      key = name;
      files = [];
      at = 0;
      put(draft(`slack/${name}`) ?? "");
      showFiles();
    },
  };
}

const tool = (shape, label, testid, onclick) =>
  h("button", { type: "button", title: label, "aria-label": label, testid, onclick }, icon(shape));

async function command(room, thread, text) {
  const [, word, rest] = /^(\/\S+)\s*([\s\S]*)$/.exec(text);
  const known = world.commands.some((one) => one.command === word);
  if (!known)
    return remark(
      room.id,
      thread,
      `\`${word}\` is not a valid command. In Slack, all messages that start with the “/” character are interpreted as commands.`,
    );
  if (thread) return remark(room.id, thread, `\`${word}\` is not supported in threads. Sorry!`);
  try {
    return await act("slash", { user: viewer(), room: room.id, command: word, text: rest });
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    return remark(
      room.id,
      thread,
      refusal.code === "timeout"
        ? `\`${word}\` failed with the error “operation_timeout”.`
        : `\`${word}\` failed with the error “${refusal.code}”.`,
    );
  }
}

// What the word before the caret could become.
function completions(text) {
  if (/^\/\S*$/.test(text)) return commands(text);
  const named = /(?:^|[\s(])@([\p{L}\p{N}._-]*)$/u.exec(text);
  if (named) return people(named[1], text.length - named[1].length - 1);
  const smiling = /(?:^|\s):([a-z0-9_+-]{2,})$/.exec(text);
  return smiling
    ? emojiLike(smiling[1], 8).map(([name, shown]) => ({
        testid: `suggest-${name}`,
        from: text.length - smiling[1].length - 1,
        insert: `:${name}: `,
        words: [h("span", { class: "emoji" }, shown), ` :${name}:`],
      }))
    : [];
}

function commands(text) {
  return world.commands
    .filter((one) => one.command.startsWith(text))
    .slice(0, 10)
    .map((one) => ({
      testid: `command-${one.command}`,
      from: 0,
      insert: `${one.command} `,
      done: one.command === text,
      words: [
        h("b", {}, one.command),
        " ",
        h("span", { class: "muted" }, one.usage_hint ?? ""),
        h("small", {}, one.description ?? ""),
      ],
    }));
}

function people(letters, from) {
  const wanted = letters.toLowerCase();
  return [...world.users.values()]
    .filter((user) => user.name.startsWith(wanted) || nameOf(user.id).toLowerCase().startsWith(wanted))
    .slice(0, 8)
    .map((user) => ({
      testid: `suggest-${user.name}`,
      from,
      insert: `@${user.name} `,
      words: [
        avatar(user.id, "tiny"),
        " ",
        h("b", {}, nameOf(user.id)),
        h("span", { class: "muted" }, ` @${user.name}`),
      ],
    }));
}

function shortcuts(anchor) {
  const all = world.shortcuts.filter((one) => one.type === "global" || one.type === "shortcut");
  const panel = float(
    anchor,
    all.length
      ? [
          h("div", { class: "group" }, "Shortcuts"),
          all.map((one) =>
            h(
              "button",
              {
                type: "button",
                role: "menuitem",
                class: "menu-item",
                testid: `shortcut-${one.callback_id}`,
                onclick: async () => {
                  panel.close();
                  try {
                    await act("shortcut", { user: viewer(), callback_id: one.callback_id });
                  } catch (refusal) {
                    if (!refusal.code) throw refusal;
                    toast(sentence(refusal.code), "error", refusal.code);
                  }
                },
              },
              icon("bolt"),
              h("span", { dir: "auto" }, one.name),
            ),
          ),
        ]
      : h("div", { class: "none" }, "The app has no global shortcuts"),
    { testid: "menu", label: "Shortcuts", role: "menu" },
  );
  panel.panel.querySelector("button")?.focus();
}

/** Whether the viewer may write here. */
export const mayWrite = (room) => isMember(room, viewer());
