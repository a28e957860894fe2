// A small desk made with Slack's own @slack/bolt for Node, Socket Mode; it says on stdout when it is ready.
import bolt from "@slack/bolt";

const { App, LogLevel } = bolt;
const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  logLevel: LogLevel.ERROR,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});

const plain = (text) => ({ type: "plain_text", text });
const form = {
  type: "modal",
  callback_id: "form",
  title: plain("New ticket"),
  submit: plain("Open"),
  blocks: [{ type: "input", block_id: "subject", label: plain("Subject"), element: { type: "plain_text_input", action_id: "typed" } }],
};
let room;

app.message("hello", async ({ message, say }) => {
  await say({
    thread_ts: message.ts,
    text: `Hello <@${message.user}>`,
    metadata: { event_type: "greeting", event_payload: { to: message.user } },
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: "Yours?" } },
      { type: "actions", block_id: "row", elements: [
        { type: "button", action_id: "claim", text: plain("Claim"), value: "7" },
        { type: "external_select", action_id: "who", min_query_length: 1, placeholder: plain("Who?") },
      ] },
    ],
  });
});

app.message("upload", async ({ message, client }) => {
  await client.filesUploadV2({ channel_id: message.channel, thread_ts: message.ts, filename: "log.txt", content: "all is well", initial_comment: "The log" });
});

app.action("claim", async ({ ack, body, client, respond }) => {
  await ack();
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: "Claimed", blocks: [] });
  await respond({ text: "It is yours", replace_original: false });
});

app.options("who", async ({ ack, payload }) => {
  await ack({ options: [{ text: plain(`Found ${payload.value}`), value: "found" }] });
});

app.command("/desk", async ({ ack, body, client }) => {
  await ack();
  await client.views.open({ trigger_id: body.trigger_id, view: form });
});

app.view("form", async ({ ack, view, client, body }) => {
  const subject = view.state.values.subject.typed.value;
  if (subject.length < 3) return ack({ response_action: "errors", errors: { subject: "Too short" } });
  await ack();
  await client.chat.postMessage({ channel: room, text: `${body.user.name} opened: ${subject}` });
});

app.event("reaction_added", async ({ event, client }) => {
  await client.reactions.add({ channel: event.item.channel, timestamp: event.item.ts, name: "eyes" });
});

app.event("app_home_opened", async ({ event, client }) => {
  await client.views.publish({ user_id: event.user, view: { type: "home", blocks: [{ type: "header", text: plain("Your desk") }] } });
});

app.shortcut("from_message", async ({ ack, shortcut, client }) => {
  await ack();
  await client.chat.postEphemeral({ channel: shortcut.channel.id, user: shortcut.user.id, text: `Took: ${shortcut.message.text}` });
});

app.error(async (error) => {
  console.error(`app error: ${error.stack ?? error}`);
});

await app.start();
const made = await app.client.conversations.create({ name: "node-desk" });
room = made.channel.id;
await app.client.conversations.invite({ channel: room, users: "U0ANN,U0JONAS" });
console.log(JSON.stringify({ ready: room }));
process.stdin.resume();
process.stdin.on("end", async () => {
  await app.stop();
  process.exit(0);
});
