// What the sandbox and the product exchange, named by Slack's own types.
import type {
  BlockAction,
  BlockElementAction,
  BlockSuggestion,
  GlobalShortcut,
  MessageShortcut,
  SlashCommand,
  ViewClosedAction,
  ViewSubmitAction,
} from "@slack/bolt";
import type { EnvelopedEvent } from "@slack/bolt";
import type { HomeView, KnownBlock, ModalView, SlackEvent } from "@slack/types";
import type { Manifest } from "@slack/web-api/dist/types/request/manifest.js";

// what the product sends
export type SentBlocks = KnownBlock[];
export type SentModal = Omit<ModalView, "blocks"> & { blocks: KnownBlock[] };
export type SentHome = Omit<HomeView, "blocks"> & { blocks: KnownBlock[] };
export type SentManifest = Manifest;

// what the sandbox sends
export type ToldEventEnvelope = Omit<EnvelopedEvent, "event"> & { event: { type: string; event_ts?: string } };
export type ToldEvent = SlackEvent;
export type ToldBlockActions = BlockAction<BlockElementAction>;
export type ToldSuggestion = BlockSuggestion;
export type ToldViewSubmission = ViewSubmitAction;
export type ToldViewClosed = ViewClosedAction;
export type ToldShortcut = GlobalShortcut;
export type ToldMessageAction = MessageShortcut;
export type ToldCommand = SlashCommand;
