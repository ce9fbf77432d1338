"""Text that is searched: width, case, and traditional and simplified characters make no difference."""

import unicodedata
from dataclasses import dataclass
from typing import Final

# Pairs that titles, schools and subjects are made of; whoever misses one adds it here.
_PAIRS: Final = (
    "課课學学師师語语數数專专遞递網网絡络華华國国區区縣县鄉乡鎮镇東东廣广長长開开關关體体樂乐藝艺術术圖图書书畫画歷历"
    "農农業业勞劳動动歲岁級级組组題题點点線线圓圆積积電电腦脑氣气風风雲云陽阳陰阴馬马鳥鸟魚鱼貓猫龍龙門门問问聽听說说"
    "讀读寫写話话詩诗詞词賞赏識识認认記记講讲試试驗验實实際际應应總总結结複复習习練练測测評评優优質质綜综綫线統统計计"
    "幾几個个們们對对歸归納纳類类爲为為为來来時时間间從从後后裡里裏里過过還还這这進进遠远遷迁邊边達达運运選选連连與与"
    "興兴舉举義义漢汉滿满維维爾尔壯壮寧宁蘇苏贛赣遼辽慶庆濟济參参觀观發发現现單单雙双變变歡欢會会議议員员園园場场處处"
    "備备導导層层島岛嶺岭嶼屿愛爱態态憶忆懷怀戰战擊击擬拟據据擴扩攝摄敵敌斷断於于無无當当畢毕產产異异療疗監监盤盘礎础"
    "禮礼種种穩稳窮穷筆笔節节範范簡简簽签糧粮紀纪約约紅红純纯紙纸細细終终經经緊紧綠绿織织繪绘繼继續续罰罚羅罗聯联聲声"
    "職职肅肃腳脚臺台艦舰莊庄葉叶蒼苍蓋盖藥药蘭兰蟲虫補补裝装製制覺觉親亲觸触訂订訓训託托設设許许診诊詢询該该詳详誤误"
    "調调談谈請请諸诸謝谢證证護护讓让貝贝負负財财貧贫貨货責责貴贵買买費费資资賓宾賣卖賽赛贊赞趙赵躍跃車车軍军軟软較较"
    "載载輕轻輪轮輸输鄰邻醫医釋释針针鋼钢錄录錢钱錦锦鍵键鐘钟鐵铁閱阅陝陕陳陈陸陆隊队階阶隨随險险雜杂離离難难頁页頂顶"
    "項项順顺須须預预領领頭头顏颜願愿顯显飛飞飯饭館馆驚惊鬥斗魯鲁鳳凤麥麦黃黄齊齐齡龄"
)
_SIMPLE: Final = str.maketrans({_PAIRS[i]: _PAIRS[i + 1] for i in range(0, len(_PAIRS), 2)})

MOST_TERMS: Final = 8
LONGEST_QUERY: Final = 100


def folded(text: str) -> str:
    """The text as it is stored for searching, and as a query is compared."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_SIMPLE)


def terms(query: str) -> tuple[str, ...]:
    """The words of a query; all of them must be found."""
    return tuple(dict.fromkeys(folded(query[:LONGEST_QUERY]).split()))[:MOST_TERMS]


def like(term: str) -> str:
    """A pattern for SQL's LIKE with `\\` as escape: the term anywhere, its own wildcards meant literally."""
    for special in "\\%_":
        term = term.replace(special, "\\" + special)
    return f"%{term}%"


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for; what is empty does not matter."""

    text: str = ""
    """Words anywhere in title, school, teacher, classrooms or date."""
    school: str = ""
    teacher: str = ""
    from_ms: int | None = None
    until_ms: int | None = None
    offset: int = 0
    limit: int = 24
