"""A bot by aiogram, unmodified but for where it asks: it echoes, asks by buttons, and takes and gives files.

Meanwhile it judges what stands in its input, a line each as [type, value]; it ends with that.
"""

import asyncio
import json
import os
import sys

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    Message,
)
from judge import judged

dispatcher = Dispatcher()


@dispatcher.message(CommandStart(deep_link=True))
async def start(message: Message, command: object) -> None:
    buttons = [[InlineKeyboardButton(text=f"{n} ★", callback_data=f"score:{n}") for n in (1, 5)]]
    keyboard = InlineKeyboardMarkup(inline_keyboard=buttons)
    await message.answer(f"Hello {message.from_user.full_name}, by {command.args}", reply_markup=keyboard)


@dispatcher.callback_query(F.data.startswith("score:"))
async def pressed(query: CallbackQuery) -> None:
    await query.answer("Noted")
    await query.message.edit_text(f"You chose {query.data[-1]}")


@dispatcher.message(F.document)
async def file(message: Message, bot: Bot) -> None:
    content = (await bot.download(message.document)).read()
    some = [InputMediaDocument(media=BufferedInputFile(content[::-1], f"{n}.bin")) for n in range(2)]
    await message.reply_media_group(some)


@dispatcher.message(F.text)
async def words(message: Message) -> None:
    await message.reply(f"<b>{message.html_text}</b>", parse_mode="HTML")


@dispatcher.edited_message()
async def edited(message: Message) -> None:
    await message.answer(f"It says {message.text} now")


@dispatcher.business_message()
async def in_an_account(message: Message) -> None:
    await message.answer("As its owner")


def judge() -> None:
    for line in sys.stdin:
        print(json.dumps(judged(*json.loads(line))), flush=True)


async def main() -> None:
    server = TelegramAPIServer.from_base(os.environ["TELEGRAM_API_URL"])
    bot = Bot(os.environ["TELEGRAM_BOT_TOKEN"], session=AiohttpSession(api=server))
    print((await bot.get_me()).username, flush=True)
    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, polling_timeout=2))
    await asyncio.to_thread(judge)
    await dispatcher.stop_polling()
    await polling


asyncio.run(main())
