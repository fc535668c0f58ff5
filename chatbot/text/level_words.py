"""Words that change with the speech level beside the endings: pronouns, greetings, humble and honorific verbs.

Data and patterns only; `honorifics` applies them.
"""

from __future__ import annotations

import re

from chatbot.types import SpeechLevel

# Verbs that are hardly ever asked for, so that -어요 states.
STATIVE = frozenset([
    "감사하", "같", "걸리", "고맙", "궁금하", "그러", "기대하", "기억하", "끝나", "나", "나가", "나오", "남",
    "내리", "느끼", "늘", "달라지", "되", "드리", "들", "들리", "따라오", "떠오르", "막히", "맞", "모르", "못하",
    "바라", "반갑", "변하", "보이", "부르", "생기", "시작하", "싫어하", "싶", "쓰이", "않", "알", "어울리", "없",
    "오래가", "오르", "울리", "움직이", "응원하", "이러", "이해하", "있", "좋아하", "줄", "지", "지나", "축하하",
    "커지", "올라오", "돌아오", "다가가", "부딪히", "헤매", "흔들리", "잃어버리", "뜨", "꼽",
    "터지", "통하", "틀리", "풀리", "환영하",
])  # fmt: skip
# Humble and honorific stems → plain ones, with Kiwi's tag.
PLAIN_STEMS = {
    "말씀드리": ("말하", "VV"), "부탁드리": ("부탁하", "VV"), "축하드리": ("축하하", "VV"),
    "감사드리": ("감사하", "VV"), "알려드리": ("알려주", "VV"), "들려드리": ("들려주", "VV"),
    "도와드리": ("도와주", "VV"), "보여드리": ("보여주", "VV"), "여쭤보": ("물어보", "VV"), "여쭈": ("묻", "VV-I"),
    "여쭙": ("묻", "VV-I"), "계시": ("있", "VV"), "계": ("있", "VV"), "드시": ("먹", "VV"), "드": ("먹", "VV"),
    "주무시": ("자", "VV"), "주무": ("자", "VV"), "뵙": ("보", "VV"), "뵈": ("보", "VV"), "드리": ("주", "VX"),
}  # fmt: skip
# 축하드려요 is 축하해: nouns that 드리 makes a verb of.
GIVEN = re.compile(r"(?:축하|감사|부탁|인사|사과|약속|추천|말씀|안내|설명|전화|연락|문의|보고|답변|대답)$")
# Somebody honoured whom the sentence is about: 시 stays even in 해체 (할머니는 웃으셔).
HONOURED = re.compile(
    r"[가-힣]님|께서|선생|교수|할머니|할아버지|어머니|아버지|부모|어르신|(?:[가-힣]\s|그|이|저|몇|두|세)분(?:이|은"
    r"|들|도)"
)
# Stems that are honorific by themselves: 시 is not added again (드실래요 → 드시겠습니까).
HONORIFIC_STEMS = frozenset(["드시", "계시", "주무시", "잡수시"])
# Requests in 합쇼체 are made with the honorific verb: 푹 자요 → 푹 주무십시오.
HONORIFIC_OF = {"자": "주무시", "먹": "드시", "있": "계시"}
# 드세요 of these is 마셔.
DRINKS = re.compile(
    r"(?:커피|라떼|라테|차|물|주스|우유|음료|술|맥주|소주|와인|콜라|사이다)(?:[를을는은도나]|라도|\s한\s?잔(?:만"
    r"|씩)?)?\s*$"
)
SELF = {"저": "나", "제": "내", "전": "난", "절": "날", "저희": "우리"}
SELF_BACK = {"나": "저", "내": "제", "난": "전", "날": "절"}
# Set phrases; they win over what the endings would say.
PHRASES: dict[SpeechLevel, tuple[tuple[str, str], ...]] = {
    SpeechLevel.HAE: (
        ("안녕하세요", "안녕"), ("안녕히 가세요", "잘 가"), ("안녕히 계세요", "잘 있어"),
        ("안녕히 주무세요", "잘 자"), ("별말씀을요", "별말을 다 하네"), ("죄송해요", "미안해"),
        ("감사해요", "고마워"), ("아니요", "아니"), ("아뇨", "아니"), ("그럼요", "그럼"), ("글쎄요", "글쎄"),
        ("천만에요", "천만에"), ("네네", "응응"), ("드린 말씀", "한 말"),
        ("드릴 말씀", "할 말"), ("말씀", "말"), ("여러분", "너희"), ("뭘요", "뭘"),
        ("누구세요", "누구야"), ("텐데요", "텐데"), ("고생하셨어요", "고생했어"),
        ("당신 잘못", "네 잘못"), ("당신의 ", "네 "), ("당신은 ", "너는 "), ("당신이 ", "네가 "), ("당신을 ", "너를 "),
        ("당신도 ", "너도 "), ("감사드려요", "고마워"), ("그쵸", "그치"), ("푹 주무세요", "푹 자"),
    ),
    SpeechLevel.HAPSYO: (
        ("안녕하세요", "안녕하십니까"), ("안녕히 가세요", "안녕히 가십시오"), ("안녕히 계세요", "안녕히 계십시오"),
        ("안녕히 주무세요", "안녕히 주무십시오"), ("별말씀을요", "별말씀을 다 하십니다"), ("아니요", "아닙니다"),
        ("아뇨", "아닙니다"), ("그럼요", "물론입니다"), ("천만에요", "천만의 말씀입니다"),
        ("또 봐요", "또 뵙겠습니다"), ("글쎄요", "글쎄 말입니다"), ("텐데요", "텐데 말입니다"),
        ("뭘요", "별말씀을 다 하십니다"), (r"(?<![은는도] )잘 자요(?!\?)", "안녕히 주무십시오"),
        ("봬요", "뵙겠습니다"), ("그쵸", "그렇지 않습니까"), ("좀 쉬어요", "좀 쉬십시오"),
        (r"일찍 자요(?!\?)", "일찍 주무십시오"),
        ("힘내요", "힘내십시오"), ("꿈 꿔요", "꿈 꾸십시오"), ("조심해요", "조심하십시오"),
        ("빨리요", "빨리 부탁드립니다"),
        ("기운 내요", "기운 내십시오"), ("잠깐만요", "잠시만 기다려 주십시오"), ("잠시만요", "잠시만 기다려 주십시오"),
    ),
    SpeechLevel.HAEYO: (
        ("안녕하십니까", "안녕하세요"), ("아닙니다만", "아니지만요"),
    ),
}  # fmt: skip
# 네 of one level and 응 of the other; Kiwi tells 네 from the number four.
YES, YES_BACK = ("네", "예"), ("응", "어")
# Endings of 합쇼체 and 해체 in 해요체; others take 요.
TO_HAEYO = {
    "습니다": "어요", "ᆸ니다": "어요", "습니까": "어요", "ᆸ니까": "어요", "ᆸ시오": "세요", "ᆸ시다": "어요",
    "읍시다": "어요", "습니다만": "는데요", "ᆸ니다만": "는데요", "어": "어요", "야": "에요", "다": "어요",
    "ᆫ다": "어요", "는다": "어요", "니": "나요", "으니": "나요", "냐": "나요", "으냐": "나요", "자": "어요",
    "구나": "군요", "는구나": "는군요", "지": "죠", "어라": "세요", "라": "세요", "어야지": "어야죠",
    "더라": "더라고요", "는군": "는군요",
}  # fmt: skip
# What stands behind a swallowed 고 하 (온다잖아요), in 합쇼체.
REPORTED = {
    "던데요": "합니다만", "는데요": "합니다만", "잖아요": "하지 않습니까", "더라고요": "했습니다", "네요": "합니다",
    "군요": "합니다", "죠": "합니다", "거든요": "합니다", "나요": "합니까", "면서요": "하지 않았습니까",
    "니까요": "하기 때문입니다",
}  # fmt: skip

# Words around a verb in -어요 that make it ask instead of state.
TOGETHER = re.compile(r"(?<![가-힣])(?:같이|함께|저랑|저하고|우리(?!말))(?!\s*있는)(?!\s*\S+는\s)")
# What takes two: 다음에 또 수다 떨어요, 내일 또 만나요.
SHARED_VERB = re.compile(r"(?:수다 ?떨|(?:이야기|얘기|대화) ?(?:하|나누)|만나|놀)$")
WITH_ME = re.compile(r"(?<![가-힣])(?:저랑|저하고|저와|우리(?!말))")
BOTH = re.compile(
    r"(?<!도 )(?<!까지 )(?<!랑 )(?<!나 )(?<!과 )(?<!와 )(?<!때 )(?<![가-힣])같이\s(?:(?!서\s|자고\s)[^'\"]){0,12}$"
)
DONE_TOGETHER = re.compile(
    r"(?:[아어해려춰켜펴와워봐져]\s보|(?<=같이)\s하|\s(?:정하|고르|찾|풀|세우|만들|찾아보|알아보|살펴보|적어두)|생각하)$"
)
DOER = re.compile(r"(?:저|나|다들|사람들?|친구들?|모두|[가-힣]님들?)(?:은|는|도|이|가)\s|제가\s|내가\s")
ONCE_MORE = re.compile(r"(?:^|\s)(?:또|다음에|나중에|이따가?|내일|언제든|오늘도|이제)\s")
# The first kind asks unless the clause has a subject of its own, the second unless anything else speaks against it.
SURE_REQUEST = re.compile(
    r"천천히|쉬엄쉬엄|편하게|편히|얼른|푹\s|무리하지|걱정하지|하나씩|차근차근|마음껏|실컷|부지런히|일부러라도"
    r"|조심히|꼭\s"
)
REQUEST = re.compile(
    r"어서\s|스스로|언제든|일단|잠깐만?|우선|한번|조금만|그냥|다음(?:에|번)엔?|나중에|대신|신나게|이번엔|아무거나"
    r"|마저|하나만"
    r"|조금씩|그때\s|(?<!에서)부터\s|(?<![가-힣])다\s|먼저|라도\s|따뜻하게|시원하게|미지근하게|고\s(?:와|자|해)요$"
)
# What people tell each other to do for their own good: without a subject, -어요 advises (우산 챙겨요).
CARED_FOR = frozenset([
    "쉬", "챙기", "챙겨가", "챙겨오", "마시", "눕", "앉", "입", "껴입", "힘내", "찾아보", "알아보", "살펴보", "물어보",
    "들여다보", "다녀오", "가져가", "내려놓", "털어놓", "털어놔", "자랑하", "찜질하",
])  # fmt: skip
# Times that are set for somebody: with one of them most verbs of doing advise (오늘은 화면을 일찍 덮어요).
SET_TIME = re.compile(
    r"(?:^|\s)(?:지금(?:부터|부턴)?|(?:오늘|며칠|내일|하루쯤|하루 이틀)(?:만큼)?(?:은|만|부터는?|부턴)?"
    r"|(?:다음|이번)(?:엔|에는|번엔|부터|부턴)"
    r"|이제|(?:\d+|오|십|삼십) ?분(?:만|은)|잠깐만?|한 (?:모금|잔|컵)(?:만|씩)?|급한 대로)\s"
)
CURED_AT = re.compile(
    r"(?:병원|의원|안과|치과|내과|외과|피부과|이비인후과|응급실|약국|보건소)에\s(?:꼭\s|바로\s|얼른\s)?$"
)
# What speaks against advice: who does it is named, or nobody does.
STATED = re.compile(
    r"[가-힣](?:이|가|께서)\s|(?:^|\s)(?:(?:저|나)(?:는|도|만)|전|난|다들|아무도|보통|흔히|대개|원래|자꾸|꽤|오래"
    r"|종종|늘)\s"
)
# What advises whatever the verb: 그만 울어요, 우산 쓰고 나가요, 걱정 말아요.
URGED = re.compile(
    r"(?:^|\s)(?:그만|맘껏|언제든)\s(?:\S+\s)?$|(?:입|두르|쓰|신|넣|챙기|들)고\s$|데로\s$|챙겨\s$|(?:걱정|염려|상심"
    r"|긴장)\s?$"
)
URGED_VERBS = frozenset(
    ["나가", "두", "다니", "들어가", "먹", "드시", "말", "울", "말하", "얘기하", "웃", "미안해하", "쉬"]
)
CLAUSE_ENDS = re.compile(r"(?:[.!?,]|는지|은지|면|니까|테니|지만|고)\s")
# Favours that people ask of each other (적어 줘요), unlike what things do for one (흔들림을 줄여 줘요). Telling is
# asked for even when something else is the subject: 무슨 일이 있었는지 들려줘요.
TOLD = re.compile(r"(?:말해|얘기해|이야기해|들려|적어|물어봐|는지 알려)\s?$")
ASKED_FOR = re.compile(
    r"(?:알려|물어|쉬게 해|이나 해|이어서 해|다시 해|돌봐|옮겨|달래|식혀|풀어|던져|들어|웃어|먹어|공유해|보여|자랑해"
    r"|말려|불러|골라|기다려|전해|챙겨|믿어|봐|써|설명해|추천해|도와|물 좀 |안아)\s?$"
)
DESCRIBING = re.compile(r"대부분|무료로|보통|흔히|다들|의외로|알아서|마다\s")
SUBJECT = re.compile(r"[가-힣](?:이|가)\s|저는|제가|저도|전\s|다들|사람|것|(?<!하)게\s")
NO_REQUEST = re.compile(SUBJECT.pattern + r"|보통|흔히|대개|원래|항상|면\s|니까?\s|서는\s")
# 들어요 behind these comes from 들다, which Kiwi takes for 듣다.
ENTERS = re.compile(r"(?:생각|느낌|기분|마음|정|힘|잠|철|의심|확신)[이가도]\s(?:\S+\s)?$")
# What 하 hangs on when 해요 states: 봐야 해요, 들으려고 해요, 들리기도 해요.
STATING = re.compile(
    r"(?:야|[라다자냐]고들?|덜|금방|려고|기도|기는|긴|고자|곤|듯|뻔|못|안|(?<!조금)(?<!잠깐)(?<!하나)(?<!번)만)\s*$"
)
# 겠어요 after these asks, and expects no answer.
RHETORICAL = re.compile(r"괜히|오죽|어찌")
DEEPLY = re.compile(r"얼마나|오죽")
NEGATED = re.compile(r"(?:^|\s)(?:안|못)\s?$")
NEGATIVE_STEMS = frozenset(["않", "없", "모르", "못하", "아니", "말"])
# 요 behind these stands for a whole question.
ASKED_ALONE = {
    "정말": "입니까", "진짜": "입니까", "왜": " 그렇습니까", "언제": "입니까", "어디": "입니까", "누구": "입니까",
}  # fmt: skip
ASKING = re.compile(r"뭐|뭘|뭔|무엇|왜|누구|누가|어디|언제|어떻|어떡|어떤|얼마")
# Questions about a third thing, not about what to do.
WONDERING = re.compile(r"왜|누가|얼마나|[가-힣](?:이|가)\s")
