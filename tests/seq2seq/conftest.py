"""A tiny responder that learnt 32 pairs by heart, trained once a session."""

from __future__ import annotations

import pytest

from chatbot.types import ChatPair

PAIRS = tuple(
    ChatPair(question, answer)
    for question, answer in (
        line.split("|")
        for line in """배고파|맛있는 거 먹어요.
심심해|같이 끝말잇기 할까요?
졸려|잠깐 쉬었다 해요.
시험 망했어|다음에는 더 잘할 수 있어요.
오늘 날씨 좋다|산책하기 좋은 날이네요.
머리 아파|푹 쉬는 게 좋겠어요.
취업하고 싶다|준비한 만큼 보일 거예요.
친구랑 싸웠어|먼저 말을 걸어 보세요.
노래 추천해줘|조용한 피아노 곡은 어때요?
주말에 뭐 하지|밀린 잠을 자도 좋겠네요.
커피 마시고 싶다|향부터 기분이 좋아지죠.
비가 온다|우산 꼭 챙기세요.
살 빼야지|무리하지 말고 천천히 해요.
운동하기 싫다|오늘은 십 분만 해 볼까요?
월요일 싫어|이번 주도 금방 지나가요.
퇴근하고 싶다|조금만 더 버텨 봐요.
고마워|도움이 되어 기뻐요.
안녕|반가워요!
여행 가고 싶다|어디가 제일 끌려요?
책 추천해줘|좋아하는 장르가 있어요?
코딩 어렵다|작은 것부터 하나씩 해 봐요.
논문 읽기 힘들어|그림부터 보면 쉬워져요.
잠이 안 와|따뜻한 물 한 잔이 도움이 돼요.
외로워|제가 이야기를 들을게요.
생일이야|생일 정말 축하해요!
돈이 없어|아껴 쓰는 법을 같이 찾아봐요.
감기 걸렸어|따뜻하게 입고 쉬세요.
화가 나|무슨 일이 있었는지 말해 줄래요?
긴장돼|숨을 크게 쉬어 봐요.
합격했어|정말 축하해요!
지각했어|내일은 조금 일찍 나서 봐요.
공부하기 싫어|쉬고 나면 다시 하고 싶어질 거예요.""".splitlines()
    )
)


@pytest.fixture(scope="session")
def pairs() -> tuple[ChatPair, ...]:
    """32 pairs with 32 different questions."""
    return PAIRS


@pytest.fixture(scope="session")
def overfitted():
    """(generator, report) after learning the pairs by heart."""
    from chatbot.seq2seq.train import train_responder

    return train_responder(
        PAIRS,
        held_out=PAIRS,
        vocab_size=600,
        embedding_size=31,
        hidden_size=61,
        dropout=0.0,
        word_dropout=0.0,
        blank=0.0,
        augment=False,
        label_smoothing=0.0,
        epochs=120,
        patience=120,
        batch_size=16,
        learning_rate=1e-2,
        warm_up=5,
        device="cpu",
    )
