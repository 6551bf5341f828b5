"""Japanese given names in Hepburn's romaji, long vowels written short: something for a small GPT to read."""

NAMES = """
aiko aimi aina aira airi akane akari akemi akiko akina akio akira akito amane anna anri aoba arata arisa asahi asako
asami asuka atsuko atsumi atsuo ayaka ayako ayame ayami ayana ayane ayano ayato ayumi ayumu azumi azusa benio botan
bunta chiaki chie chieko chiemi chika chiyo daichi daigo daiki daisei eiichi eiji eiko eita emiko emiri erika eriko
erina etsuko fubuki fuka fumi fumie fumika fumiko fumio fumito fuuka fuyuko fuyumi ganta genji genki genta goro
hajime hana hanae hanako hanami haru haruka haruki haruko haruma harumi haruna haruo haruto hayate hayato hibiki
hideki hideo hideto hikari hikaru hikoto himari himeka hina hinako hinata hiroki hiroko hiromi hiromu hiroto hisako
hisao hisato hisaya hitomi homare honoka hotaru ibuki ichika ichiro ikuko ikumi ikuo ikuto ippei isamu isao issei
itsuki itsumi iwao izumi jinta joji junko junna junpei junya kaede kaho kaiji kaito kana kanade kanae kanako kaname
kanami kanata kanna kano kanon kaori kaoru karen karin kasumi katsuo kaya kayako kayo kayoko kazuki kazuko kazuma
kazumi kazuo kazuto kazuya keigo keiji keiko keita keito kenji kenta kento kenzo kiho kiichi kikuko kimiko
kippei kiriko kiyoko kiyomi koharu kohei koichi koji kokoro kosei kotaro kotoha kotomi kotone kouki kozue kumiko kunio
kurumi kyohei kyoko maaya mahiro maho maiko maki makiko mako makoto mami mamoru manabu manaka manami manato mari marie
marika mariko marina masae masaki masako masami masao masaru masato masaya mayu mayuko mayumi megumi meiko michio
midori mieko miharu mihoko mikako miki mikio mikoto miku mikuru mina minako minami minato minoru mirai misaki
misako misato mitsuo miwa miwako miyabi miyako miyu miyuki mizuho mizuki mizuko moeka moeko momo momoe momoka momoko
mone morio motoki motoko nagisa nako nami namie namiko nana nanae nanaho nanako nanami nano naoki naoko naomi naoto
naoya natsu nene nobuko nobuo nodoka noriko norio nozomi nozomu reiji reika reiko reina renji rento rieko rihito riho
rika rikako riki rikiya riko rikuo rikuto rina rinako rinka rinko rinto risa risako ritsu ruika rumi rumiko runa ruri
ruriko ryoga ryohei ryoji ryoko ryoma ryota ryoya ryuji ryuta ryuya sachi sachie sadao saeko sakae saki sakiko sakura
sakuya sana sanae saori sara satoko satomi satoru sawako saya sayaka sayako sayo sayoko sayuri seiji seiko seiya senri
shiho shin shinji shino shiori shiro shizue shoji shoko shoma shota shuji shuko shun shunta shunya soichi soma sora
sosuke sota subaru sumie sumika sumiko sumire susumu suzu suzuka suzuko suzume suzune tadao taichi taiga taiki taizo
takako takao takato takaya takeo takeru taketo takuma takumi takuo takuto takuya tamae tamaki tamako tamami tamao
tatsuo teppei teruko teruo tetsuo toki tokiko tomo tomoe tomoka tomoki tomoko tomomi tomoya tooru toshio touma tsuneo
umeko utako wakaba wakako wakana wataru yaeko yamato yasuko yasuo yoichi yoji yoko yori yoriko yoshie yoshio yosuke
yota yuika yuiko yuina yuji yuka yukako yukari yuki yukie yukiko yukina yukio yukito yuma yumeka yumi yumie yumika
yumiko yuna yuri yurie yurika yuriko yurina yusaku yuta yutaka yuto yuuka yuuko yuya yuzu yuzuha yuzuka yuzuki
""".split()  # noqa: SIM905 - five hundred lines otherwise
