"""What the adapter says by itself, in Korean: commands, and words about messages that are not text."""

from __future__ import annotations

COMMANDS = (
    ("start", "인사하고 시작해요"),
    ("help", "무엇을 할 수 있는지 알려 줘요"),
    ("why", "방금 그렇게 답한 까닭을 보여 줘요"),
    ("level", "말투를 바꿔요 (/level 반말, /level 존댓말, /level 격식체)"),
    ("reset", "이야기를 처음부터 다시 시작해요"),
    ("forget", "이 대화의 기록을 모두 지워요"),
)
# Telegram's menu takes Latin letters alone; people type these all the same.
KOREAN_COMMANDS = {
    "말투": "level",
    "잊어줘": "forget",
    "도움말": "help",
    "왜": "why",
    "시작": "start",
    "처음부터": "reset",
}
HELP = (
    "편하게 말을 걸어 주세요. 공부 얘기도 좋고 수다도 좋아요.\n\n"
    + "\n".join(f"/{name} — {what}" for name, what in COMMANDS)
    + "\n\n한글로 /말투 반말, /잊어줘, /도움말, /왜 라고 적어도 돼요."
    + "\n답이 틀렸다면 ‘정답은 …’이라고 알려 주세요. 다음에 배울 때 써요."
)
NEW_START = "새로 시작해요. 무슨 얘기부터 할까요?"
NO_ANSWER_YET = "아직 답한 말이 없어요."
WHICH_LEVEL = "‘/말투 반말’처럼 골라 주세요. 고를 수 있는 말투: {levels}"
FORGOTTEN = "이 대화의 기록을 모두 지웠어요. ({turns}개)"
NOT_FORGOTTEN = "지금은 기록을 지울 수 없어요. 잠시 뒤에 다시 /잊어줘 라고 해 주세요."
UNKNOWN_COMMAND = "/{name}, 이건 제가 모르는 명령이에요. /help 를 눌러 보세요."
PASSED = "이미 지나간 질문이에요."

# What is said to messages that are not text; each kind is handled on purpose.
NOT_TEXT = {
    "photo": "사진은 아직 못 봐요. 무슨 사진인지 글로 알려 줄래요?",
    "sticker": "스티커는 제가 잘 못 읽어요. 무슨 뜻인지 글로 알려 줄래요?",
    "voice": "목소리는 아직 못 들어요. 글로 적어 주면 바로 답할게요.",
    "audio": "소리 파일은 아직 못 들어요. 글로 이야기해 주세요.",
    "video": "영상은 아직 못 봐요. 어떤 내용인지 글로 알려 줄래요?",
    "video_note": "영상은 아직 못 봐요. 어떤 내용인지 글로 알려 줄래요?",
    "animation": "움직이는 그림이네요! 저는 글만 읽을 수 있어요.",
    "document": "파일은 아직 못 열어요. 궁금한 부분을 글로 붙여 주세요.",
    "location": "위치는 쓰지 않고 남기지도 않아요. 글로 이야기해 주세요.",
    "contact": "연락처는 받지 않아요. 남기지도 않았어요.",
    "poll": "투표는 같이 못 해요. 대신 뭐가 고민인지 들려줄래요?",
    "dice": "주사위 좋죠! 저한테 ‘주사위 굴려 줘’라고 해도 돼요.",
}
# Kinds that Telegram may invent, and those nobody sends to a chatbot.
OTHER_KIND = "이런 메시지는 아직 못 읽어요. 글로 이야기해 주세요."
CALLED = "네, 부르셨어요? 무엇이든 말씀해 주세요."
BUSY = "잠시만요, 지금 이야기가 많이 밀렸어요. 조금 있다가 다시 말 걸어 주세요."
TOO_FAST = "조금만 천천히요! 1분쯤 뒤에 이어서 이야기해요."
TROUBLE = "제 쪽에 잠깐 문제가 생겼어요. 조금 뒤에 다시 한번 말해 주세요."
