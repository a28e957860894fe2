"""The words by which machines that write mail give themselves away, in their many languages."""

from __future__ import annotations

import re

DAEMON = re.compile(
    r"mailer-?daemon|postmaster|mail-?daemon|mdaemon|mail[ ._-]delivery[ ._-](?:(?:sub)?system|service)"
    r"|microsoftexchange[0-9a-f]{3,32}",
    re.IGNORECASE,
)
MAILER = re.compile(r"mailer-?daemon|mail-?daemon|mdaemon", re.IGNORECASE)  # a postmaster writes of full mailboxes too
DAEMONS_NAME = re.compile(
    r"(?:internet )?mail delivery(?: (?:sub)?system| service)?|mail system|courier mail server(?: at .*)?",
    re.IGNORECASE,
)
UNATTENDED = re.compile(
    r"""
    (?:.*[-_.])?(?:no[-_.]?repl(?:y|ies)|(?:do[-_.]?not|dont)[-_.]?(?:reply|respond)|no[-_.]?response|nicht[-_.]?antworten|keine[-_.]?antwort|no[-_.]?(?:responder|contestar)
    |ne[-_.]?pas[-_.]?repondre|na?o[-_.]?responda|non[-_.]?rispondere|niet[-_.]?(?:be)?antwoorden
    |svara?[-_.]?(?:inte|ej|ikke)|(?:inte|ikke|ej)[-_.]?svara?|nie[-_.]?odpowiada(?:j|c)|neodpov[ie]d(?:a[tj]|ejte)
    |ei[-_.]?vasta(?:usta|ta|a)|ala[-_.]?vastaa|ne[-_.]?valaszol(?:j|jon)|nu[-_.]?raspunde(?:ti)?|ne[-_.]?odgovara[jt]i?
    |(?:yanit|cevap)lamayin(?:iz)?|ne[-_.]?otvecha(?:yte|t)|dung[-_.]?tra[-_.]?loi)(?:[-+_.].*)?
    |notifications?(?:[+-].*)?|automat(?:ed|ic|ically)(?:[+-].*)?|mailbot
    |bounces?(?:[+-].*[=+\d].*)?
    """,
    re.IGNORECASE | re.VERBOSE,
)
LISTED = re.compile(r"(?:owner-.+|.+-(?:request|bounces))", re.IGNORECASE)
OWNER = re.compile(r".+-owner", re.IGNORECASE)  # in Sender; in From it may be the owner of a home
PROGRAM = re.compile(  # of programs that watch others, and have no other address to write from
    r"(?:nagios|icinga2?|zabbix|monit|munin|logwatch|logcheck|fail2ban|alertmanager|prometheus|grafana|smartd|mdadm"
    r"|rkhunter|tripwire|cron(?:daemon)?|anacron|arpwatch|apcupsd|zed|backuppc|bacula|unattended-upgrades?|uptimerobot)"
    r"(?:[+].*|[-_.](?:alerts?|notif\w*|daemon|server|mail))?",
    re.IGNORECASE,
)
FAILURE = re.compile(
    r"""
    undeliver|not[ ]delivered|non-?deliver
    |delivery[ ](?:status[ ]notification|failure|failed|report|problem|error|unsuccessful|notification)
    |mail[ ](?:delivery[ ])?(?:failed|failure|error|system[ ]error)|mail[ ]could[ ]not|failure[ ]notice|failed[ ]mail
    |return(?:ed|ing)[ ](?:mail|to[ ]sender|message)|could[ ]not[ ](?:be[ ])?(?:deliver|send)|couldn't[ ]be[ ]delivered
    |message[ ](?:not[ ]delivered|could[ ]not|delivery)|able[ ]to[ ]deliver|error[ ]sending
    |bounced?[ ](?:mail|message)
    |not[ ]been[ ]delivered|blocked[ ]by[ ](?:our|the)[ ]|user[ ]unknown|rejected|warning:
    |unzustellbar|(?:nicht|konnte)[ ]zugestellt|nicht[ ]zustellbar
    |non[ ]remis|échec[ ]de[ ](?:la[ ])?(?:remise|distribution)|pas[ ]pu[ ](?:être|etre)[ ](?:remis|delivr|délivr)
    |no[ ]se[ ](?:puede|pudo|ha[ ]podido)[ ]entregar|no[ ]entregado|não[ ](?:entregue|é[ ]possível[ ]entregar)
    |non[ ]recapitabile|manca(?:to|ta)[ ](?:recapito|consegna)|non[ ]è[ ]stato[ ](?:recapitato|consegnato)
    |niet[ ](?:bezorgd|afgeleverd)|onbestelbaar|kan[ ]inte[ ]levereras|ikke[ ]levert|kunne[ ]ikke[ ]leveres
    |niedostarcz|nie[ ]dostarczono|nelze[ ]doručit|nedoručiteln|kézbesíthetetlen|teslim[ ]edilem
    |недоставл?ен|не[ ](?:было[ ])?доставлено|не[ ](?:удается|може[ ]да[ ]бъде)[ ]достав|не[ ]вдалося[ ]доставити
    |nelivrat|nedoručen|neisporučen|није[ ]испоручен|nedostavlj|nepristatyt|nav[ ]piegādāt|ei[ ]voida[ ]toimittaa
    |配信不能|配信できません|送信できません|退信|无法(?:投递|传递|送达)|無法(?:投遞|傳遞|送達)|전달할[ ]수[ ]없
    |전송[ ]?실패|전송되지|발송[ ]?실패|반송
    """,
    re.IGNORECASE | re.VERBOSE,
)
FAILED_SUBJECT = re.compile(
    r"""
    \W{0,3}(?:undeliver(?:ed|able)|non-?delivery|returned[ ]mail|mail[ ](?:could[ ]not|delivery|failure|system[ ]error)
    |delivery[ ](?:status[ ]notification|failure|failed|problem|error|unsuccessful|report)|failure[ ]notice
    |failed[ ]mail|message[ ](?:not[ ]delivered|could[ ]not)|bounced?[ ](?:mail|message)|unzustellbar|mail-?zustellung
    |non[ ]remis)
    |.*[:(][ ]?(?:non[ ]remis|delivery[ ]failed|undeliverable)\W*\Z
    """,
    re.IGNORECASE | re.VERBOSE,
)
REPORTING = re.compile(  # how gateways begin what they report; a person would not say "the following recipients"
    r"""
    ^[ \t>*-]*(?:
        (?:your|the)[ ](?:message|e-?mail|mail)\b
            [^\n]{0,120}(?:\n[^\n]{0,60}?)?
            (?:could|can|was|were)[ ]?not[ ](?:be[ ])?delivered[ ]to
        |(?:could|can)[ ]?not[ ]deliver[ ](?:the[ ]|your[ ])?(?:message|e-?mail|mail)[ ]to
        |deli?e?very[ ]to[ ](?:the[ ])?(?:following[ ])?(?:recipients?|address)
        |votre[ ]message[ ]n'a[ ]pas[ ]pu|ihre[ ](?:nachricht|e-?mail)[ ](?:an|konnte)|su[ ]mensaje[ ]no
    )
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
DELAY = re.compile(
    r"""
    delay|not[ ]yet[ ]been[ ]delivered|not[ ]been[ ]delivered[ ]yet|still[ ]being[ ]retried|will[ ]be[ ]retried
    |could[ ]not[ ]send[ ]message[ ]for[ ]past|warning:[ ]message|temporarily|postponed
    |verzöger|noch[ ]nicht[ ]zugestellt|retard|pas[ ]encore[ ]été|vertraag|retras|ritard|atras|försen|opóźni|zpožd
    |forsink|viiväst|întârzi|odlož|késlelt|gecik|καθυστ|затрим|ล่าช้า|trì[ ]hoãn
    |задерж|отложен|遅れ|延迟|延遲|지연
    """,
    re.IGNORECASE | re.VERBOSE,
)
STILL_TRYING = re.compile(
    r"""
    attempts?[ ]will[ ]continue|(?<!not[ ])(?:keep|continue)[ ](?:to[ ]try|trying)
    |will[ ](?:retry[ ]for|be[ ]retried)
    |warning[ ](?:message[ ])?only|weitere[ ](?:zustell)?versuche|erneut[ ]versucht|nouvelles[ ]tentatives
    |continuera[ ](?:d'|à[ ])essayer|seguirá[ ]intentando|volverá[ ]a[ ]intentar|continuará[ ]tentando
    |novas[ ]tentativas|ulteriori[ ]tentativi|blijven[ ]proberen|opnieuw[ ](?:geprobeerd|proberen)
    |nya[ ]försök|försöka[ ]igen|nye[ ]forsøg|ponowi|kolejne[ ]próby|další[ ]pokusy
    |попыт\w+[ ].{0,30}(?:продолж|повтор)|再送を(?:続|試)|自動的に再送|重试|重試|继续尝试|재시도|yeniden[ ]dene
    """,
    re.IGNORECASE | re.VERBOSE,
)
FOR_GOOD = re.compile(r"fail|undeliver|returned|permanent|fatal", re.IGNORECASE)
SUCCESS = re.compile(
    r"""
    \A\s*(?:delivered|relayed|expanded|zugestellt|remis|entregad[oa]|entregue|recapitato|consegnato|bezorgd|levererat
        |leveret|levert|toimitettu|dostarczono|doručeno|kézbesítve|livrat|доставлено|παραδόθηκε|teslim[ ]edildi
        |配信済み|已送达|已传递|已送達|已傳遞|배달됨)\s?[:：]
    |wurde[ ]an[ ](?:die[ ])?folgenden?[ ]empfänger[ ](?:oder[ ]gruppen[ ])?zugestellt
    |bezorgd[ ]bij[ ]de[ ]volgende|levererats[ ]till[ ]följande|leveret[ ]til[ ]følgende|levert[ ]til[ ]følgende
    |dostarczon[ao][ ]do[ ]następujących|doručena[ ]následujícím|доставлено[ ]следующим
    |success(?:ful|fully)?[ ](?:mail[ ])?deliver|deliver\w+[ ](?:has[ ]been[ ]|was[ ])?successful|return[ ]receipt
    |delivered[ ]to[ ]the[ ]following[ ]recipients|delivery[ ]to[ ]these[ ]recipients[ ](?:or[ ]groups[ ])?is[ ]complete
    |zustellung[ ]an[ ](?:die[ ]folgenden|diese)[ ]empfänger.{0,40}abgeschlossen|remis[ ]aux[ ]destinataires[ ]suivants
    |completó[ ]la[ ]entrega[ ]a[ ]estos[ ]destinatarios|entregó[ ]a[ ]los[ ]siguientes[ ]destinatarios
    |recapitato[ ]ai[ ]seguenti[ ]destinatari|entregue[ ]aos[ ]seguintes[ ]destinatários
    |erfolgreich[ ]zugestellt|(?:remis|distribué|livré)e?[ ]avec[ ]succès|entregad[oa][ ](?:correctamente|con[ ]éxito)
    |entregue[ ]com[ ](?:êxito|sucesso)|consegnat[oa][ ](?:correttamente|con[ ]successo)|avvenuta[ ]consegna
    |succesvol[ ](?:af)?(?:geleverd|bezorgd)|pomyślnie[ ]dostarcz|успешно[ ]доставлен|成功(?:投递|送达|投遞|送達)
    """,
    re.IGNORECASE | re.VERBOSE,
)
REFUSED = re.compile(r"reject|refus|abgelehnt|zurückgewiesen|rechaz|rifiutat|odrzuc|отклон", re.IGNORECASE)
CHALLENGER = re.compile(
    r"""
    boxbe|spam[ ]?arrest|mailinblack|antispam[ ]uol|challenge.?response|sender[ ]verification|verification[ ]needed
    |(?:confirm|verify)[ ]your[ ](?:e-?mail[ ])?message
    |added[ ]to[ ]a[ ]waiting[ ]list
    |(?:approved|allowed|accepted|known)[ ]senders?(?:[ ]list)?\b|senders?[ ](?:that[ ]|whom[ ])?i[ ]have[ ]approved
    |requires[ ]that[ ]you[ ]verify|not[ ]on[ ](?:the[ ]recipient's|my|our|his|her|their)[ ]white[ -]?list
    |you[ ]are[ ](?:really[ ])?(?:a[ ](?:real[ ]|live[ ])*(?:human|person)\b|not[ ]a[ ](?:robot|spammer))
    |liste[ ]der[ ](?:zugelassenen|erlaubten|bekannten|genehmigten)[ ]absender
    |kein[ ](?:robot(?:er)?|spammer|automat)[ ]sind|sie[ ]ein[ ]mensch[ ]sind
    |protégée?[ ]contre[ ]les?[ ](?:spams?|courriers?[ ]indésirables?)|n'êtes[ ]pas[ ]un[ ](?:robot|spammeur)
    |expéditeurs[ ]autorisés
    |(?:no[ ]es[ ]un|que[ ]es[ ]una)[ ](?:robot|persona)\b|remitentes[ ](?:autorizados|aprobados)
    |(?:não[ ]é[ ]um|di[ ]non[ ]essere[ ]un|non[ ]sei[ ]un)[ ]rob|remetentes[ ]autorizados
    |mittenti[ ](?:approvati|autorizzati)
    |geen[ ]robot[ ]bent|toegestane[ ]afzenders|inte[ ]är[ ]en[ ]robot|ikke[ ]er[ ]en[ ]robot|godkända[ ]avsändare
    |nie[ ]jesteś[ ]robotem|nejste[ ]robot|nem[ ]robot|nu[ ]sunteți[ ](?:un[ ])?robot|robot[ ]olmadığ
    |не[ ]робот|разреш[её]нных[ ]отправителей|ロボットでは(?:ない|ありません)|不是(?:机器人|機器人)|로봇이[ ]아님
    """,
    re.IGNORECASE | re.VERBOSE,
)
ASKS_TO_CONFIRM = re.compile(
    r"confirm|verif|bestätig|conferm|bevestig|bekräft|potwierd|potvrď|подтверд|確認|确认|확인", re.IGNORECASE
)
HOLDS_BACK = re.compile(
    r"""
    \b(?:held|quarantined?|(?:is|be|been|are)[ ]delivered|delivery[ ]of[ ]your)\b|zugestellt|zurückgehalten|\bremise?\b
    |retenido|entregad[oa]|entregue|retid[oa]|consegnat|trattenut|bezorgd|levereras|dostarczon|доставлен|届け|投递|전달
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What only machines put before the subject that they answer: beside the id of what is answered it is enough, and what
# Exchange wrote before it had fields for that is so by itself.
AUTOMATIC_PREFIX = re.compile(
    r"[^:：]{0,30}(?:auto|автом|автов|αυτόμ|otomatik|自動|自动|자동|تلقائي|אוטומטי|อัตโนมัติ|tự động)"
    r"[^:：\]]{0,30}[:：\]]",
    re.IGNORECASE,
)
OUT_OF_OFFICE = re.compile(  # the other is Notes', in whatever language: `AUTO: Bob is … (returning 03/05/2026)`
    r"\s*out of (?:the )?office autoreply:"
    r"|\s*auto: [^\n]{3,120}\([^()\n]{0,40}\d{1,4}[./-]\d{1,2}[./-]\d{1,4}[^()\n]{0,20}\)\s*\Z",
    re.IGNORECASE,
)
AWAY_WITHIN = re.compile(  # in the subject, behind a name: weak evidence, too
    r"""
    \b(?:is|am|are)[ ](?:currently[ ])?(?:out[ ]of[ ](?:the[ ])?office|on[ ](?:vacation|holiday|leave)|away)\b
    |\bist[ ](?:(?:zur[ ]?zeit|derzeit)[ ])?(?:nicht[ ]im[ ](?:büro|haus)|abwesend|außer[ ]haus|im[ ]urlaub)
    |\best[ ](?:actuellement[ ])?(?:absente?|en[ ]congés?)
    |\bestá[ ](?:fuera[ ]de[ ](?:la[ ])?oficina|ausente|de[ ]férias)
    |\bè[ ](?:fuori[ ](?:ufficio|sede)|assente|in[ ]ferie)|\bis[ ](?:afwezig|niet[ ](?:aanwezig|op[ ]kantoor))
    """,
    re.IGNORECASE | re.VERBOSE,
)
COMPLAINT = re.compile(r"\s*complaint about message from \d", re.IGNORECASE)
SUPPRESS = re.compile(r"\b(?:all|dr|autoreply|oof)\b", re.IGNORECASE)
