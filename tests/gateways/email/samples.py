"""How mail programs introduce what they quote, in many languages."""

# How programs in many languages say who wrote what they quote.
SAID = [
    "On Mon, 2 Mar 2026 at 12:00, Ann Walker <ann@desk.example> wrote:",
    "On Mon, Mar 2, 2026 at 12:00 PM Ann Walker <ann@desk.example> wrote:",
    "On 02/03/2026 12:00, Ann Walker wrote:",
    "At 12:00 02/03/2026, you wrote:",
    "Ann Walker <ann@desk.example> wrote:",
    "---- On Mon, 02 Mar 2026 12:00:00 +0100 Ann Walker <ann@desk.example> wrote ----",
    "Am 02.03.2026 um 12:00 schrieb Ann Walker:",
    "Am Mo., 2. März 2026 um 12:00 Uhr schrieb Ann Walker <ann@desk.example>:",
    "Ann Walker <ann@desk.example> schrieb am Mo., 2. März 2026, 12:00:",
    "Le lun. 2 mars 2026 à 12:00, Ann Walker <ann@desk.example> a écrit :",
    "El lun, 2 mar 2026 a las 12:00, Ann Walker (<ann@desk.example>) escribió:",
    "Em seg., 2 de mar. de 2026 às 12:00, Ann Walker <ann@desk.example> escreveu:",
    "Il giorno lun 2 mar 2026 alle ore 12:00 Ann Walker <ann@desk.example> ha scritto:",
    "Op ma 2 mrt 2026 om 12:00 schreef Ann Walker <ann@desk.example>:",
    "Op 2 mrt. 2026 12:00 schreef Ann Walker het volgende:",
    "Den mån 2 mars 2026 kl 12:00 skrev Ann Walker <ann@desk.example>:",
    "Den man. 2. mar. 2026 kl. 12.00 skrev Ann Walker <ann@desk.example>:",
    "man. 2. mars 2026 kl. 12:00 skrev Ann Walker <ann@desk.example>:",
    "ma 2. maalisk. 2026 klo 12.00 Ann Walker (ann@desk.example) kirjoitti:",
    "pon., 2 mar 2026 o 12:00 Ann Walker <ann@desk.example> napisał(a):",
    "W dniu 2.03.2026 o 12:00, Ann Walker pisze:",
    "po 2. 3. 2026 v 12:00 odesílatel Ann Walker <ann@desk.example> napsal:",
    "Dňa 2. 3. 2026 o 12:00 Ann Walker napísal(a):",
    "Ann Walker <ann@desk.example> ezt írta (időpont: 2026. márc. 2., H, 12:00):",
    "În lun., 2 mar. 2026 la 12:00, Ann Walker <ann@desk.example> a scris:",
    "пн, 2 мар. 2026 г. в 12:00, Ann Walker <ann@desk.example>:",
    "2 марта 2026 г., 12:00, Ann Walker написал(а):",
    "пн, 2 бер. 2026 р. о 12:00 Ann Walker <ann@desk.example> пише:",
    "На пн, 2.03.2026 г. в 12:00 Ann Walker <ann@desk.example> написа:",
    "Στις Δευ 2 Μαρ 2026 στις 12:00 μ.μ., ο χρήστης Ann Walker <ann@desk.example> έγραψε:",
    "Ann Walker <ann@desk.example>, 2 Mar 2026 Pzt, 12:00 tarihinde şunu yazdı:",
    "\u200fבתאריך יום ב׳, 2 במרץ 2026 ב-12:00 מאת \u202aAnn Walker\u202c <\u202aann@desk.example\u202c>:\u200f",
    "في الاثنين، ٢ مارس ٢٠٢٦ 12:00 م Ann Walker <ann@desk.example> كتب:",
    "2026年3月2日(月) 12:00 Ann Walker <ann@desk.example>:",
    "在 2026年3月2日 12:00，Ann Walker <ann@desk.example> 写道：",
    "Ann Walker <ann@desk.example> 於 2026年3月2日 週一 下午12:00寫道：",
    "2026년 3월 2일 (월) 오후 12:00, Ann Walker <ann@desk.example>님이 작성:",
    "Vào Th 2, 2 thg 3, 2026 vào lúc 12:00 Ann Walker <ann@desk.example> đã viết:",
    "เมื่อ จ. 2 มี.ค. 2026 เวลา 12:00 Ann Walker <ann@desk.example> เขียนว่า:",
    "Pada tanggal Sen, 2 Mar 2026 pukul 12.00 Ann Walker <ann@desk.example> menulis:",
    "pon, 2. ožu 2026. u 12:00 Ann Walker <ann@desk.example> napisao je:",
    "V V pon., 2. mar. 2026 ob 12:00 je oseba Ann Walker <ann@desk.example> napisala:",
    "Kuupäev E, 2. märts 2026 kell 12:00 kirjutas Ann Walker <ann@desk.example>:",
    "El dl., 2 de març 2026, 12:00, Ann Walker <ann@desk.example> va escriure:",
    "2026-03-02 12:00 GMT+01:00 Ann Walker <ann@desk.example>:",
    '02.03.2026, 12:00, "Ann Walker" <ann@desk.example>:',
    "Wiadomość napisana przez Ann Walker <ann@desk.example> w dniu 2 mar 2026, o godz. 12:00:",
    "Quoting Ann Walker <ann@desk.example>:",
    "* Ann Walker <ann@desk.example> [2026-03-02 12:00]:",
    "On Mon, Jan 5, 2026 at 10:15 AM Ann Walker <ann@desk.example> wrote:",
    "Am Mo., 5. Jan. 2026 um 10:15 Uhr schrieb Ann Walker <ann@desk.example>:",
    "Le lun. 5 janv. 2026 à 10:15, Ann Walker <ann@desk.example> a écrit :",
    "El lun, 5 ene 2026 a las 10:15, Ann Walker (<ann@desk.example>) escribió:",
    "Il giorno lun 5 gen 2026 alle ore 10:15 Ann Walker <ann@desk.example> ha scritto:",
    "Em seg., 5 de jan. de 2026 às 10:15, Ann Walker <ann@desk.example> escreveu:",
    "Ann Walker <ann@desk.example> escreveu (segunda, 5/01/2026 à(s) 10:15):",
    "Op ma 5 jan 2026 om 10:15 schreef Ann Walker <ann@desk.example>:",
    "Den mån 5 jan. 2026 kl 10:15 skrev Ann Walker <ann@desk.example>:",
    "Den man. 5. jan. 2026 kl. 10.15 skrev Ann Walker <ann@desk.example>:",
    "man. 5. jan. 2026 kl. 10:15 skrev Ann Walker <ann@desk.example>:",
    "ma 5. tammik. 2026 klo 10.15 Ann Walker (ann@desk.example) kirjoitti:",
    "pon., 5 sty 2026 o 10:15 Ann Walker <ann@desk.example> napisał(a):",
    "po 5. 1. 2026 v 10:15 odesílatel Ann Walker <ann@desk.example> napsal:",
    "po 5. 1. 2026 o 10:15 Ann Walker <ann@desk.example> napísal(a):",
    "Ann Walker <ann@desk.example> ezt írta (időpont: 2026. jan. 5., H, 10:15):",
    "În lun., 5 ian. 2026 la 10:15, Ann Walker <ann@desk.example> a scris:",
    "пн, 5 янв. 2026 г. в 10:15, Ann Walker <ann@desk.example>:",
    "пн, 5 січ. 2026 р. о 10:15 Ann Walker <ann@desk.example> пише:",
    "На пн, 5.01.2026 г. в 10:15 Ann Walker <ann@desk.example> написа:",
    "Στις Δευ 5 Ιαν 2026 στις 10:15 π.μ., ο/η Ann Walker <ann@desk.example> έγραψε:",
    "Ann Walker <ann@desk.example>, 5 Oca 2026 Pzt, 10:15 tarihinde şunu yazdı:",
    "2026年1月5日(月) 10:15 Ann Walker <ann@desk.example>:",
    "Ann Walker <ann@desk.example> 于2026年1月5日周一 10:15写道：",
    "Ann Walker <ann@desk.example> 於 2026年1月5日 週一 上午10:15寫道：",
    "2026년 1월 5일 (월) 오전 10:15, Ann Walker <ann@desk.example>님이 작성:",
    "\u202bבתאריך יום ב׳, 5 בינו׳ 2026 ב-10:15 "
    "מאת \u202aAnn Walker\u202c\u200f <\u202aann@desk.example\u202c\u200f>:\u202c",
    "في الاثنين، 5 يناير 2026 في 10:15 "
    "ص تمت كتابة ما يلي بواسطة \u202aAnn Walker\u202c\u200f <\u202aann@desk.example\u202c\u200f>:",
    "ในวันที่ จ. 5 ม.ค. 2026 เวลา 10:15 Ann Walker <ann@desk.example> เขียนว่า:",
    "Vào Th 2, 5 thg 1, 2026 vào lúc 10:15 Ann Walker <ann@desk.example> đã viết:",
    "Pada Sen, 5 Jan 2026 pukul 10.15 Ann Walker <ann@desk.example> menulis:",
    "pon, 5. sij 2026. u 10:15 Ann Walker <ann@desk.example> napisao je:",
    "V V pon., 5. jan. 2026 ob 10:15 je oseba Ann Walker <ann@desk.example> napisala:",
    "пон, 5. јан 2026. у 10:15 Ann Walker <ann@desk.example> је написао/ла:",
    "2026-01-05, pr, 10:15 Ann Walker <ann@desk.example> rašė:",
    "pirmd., 2026. g. 5. janv., plkst. 10:15 — lietotājs Ann Walker (<ann@desk.example>) rakstīja:",
    "Kuupäev E, 5. jaanuar 2026 kell 10:15 kirjutas kasutaja Ann Walker <ann@desk.example>:",
    "Missatge de Ann Walker <ann@desk.example> del dia dl., 5 de gen. 2026 a les 10:15:",
    "सोम, 5 जन॰ 2026 को 10:15 am बजे को Ann Walker <ann@desk.example> ने लिखा:",
    "Am 05.01.2026 um 10:15 schrieb Ann Walker <ann@desk.example>:",
    "On 5 Jan 2026, at 10:15, Ann Walker <ann@desk.example> wrote:",
    "Le 5 janv. 2026 à 10:15, Ann Walker <ann@desk.example> a écrit :",
    "Il giorno 5 gen 2026, alle ore 10:15, Ann Walker <ann@desk.example> ha scritto:",
    "El 5 ene 2026, a las 10:15, Ann Walker <ann@desk.example> escribió:",
    "Op 5 jan 2026, om 10:15 heeft Ann Walker <ann@desk.example> het volgende geschreven:",
    "5 jan. 2026 kl. 10:15 skrev Ann Walker <ann@desk.example>:",
    "Ann Walker <ann@desk.example> kirjoitti 5.1.2026 kello 10.15:",
    "Wiadomość napisana przez Ann Walker <ann@desk.example> w dniu 5 sty 2026, o godz. 10:15:",
    "5. 1. 2026 v 10:15, Ann Walker <ann@desk.example>:",
    "5 янв. 2026 г., в 10:15, Ann Walker <ann@desk.example> написал(а):",
    "2026/01/05 10:15、Ann Walker <ann@desk.example>のメール:",
    "2026年1月5日 10:15，Ann Walker <ann@desk.example> 写道：",
    "2026. 1. 5. 오전 10:15, Ann Walker <ann@desk.example> 작성:",
    "Ann Walker <ann@desk.example> şunları yazdı (5 Oca 2026 10:15):",
    "No dia 05/01/2026, às 10:15, Ann Walker <ann@desk.example> escreveu:",
    "Em 5 de jan. de 2026, à(s) 10:15, Ann Walker <ann@desk.example> escreveu:",
    "5 Ιαν 2026, 10:15, ο χρήστης «Ann Walker <ann@desk.example>» έγραψε:",
    "2026. jan. 5. dátummal, 10:15 időpontban Ann Walker <ann@desk.example> írta:",
    "ב-5 בינו׳ 2026, בשעה 10:15, Ann Walker <ann@desk.example> כתב/ה:",
    "El 5 gen. 2026, a les 10:15, Ann Walker <ann@desk.example> va escriure:",
    "Pe 5 ian. 2026, la 10:15, Ann Walker <ann@desk.example> a scris:",
    "Vào 10:15, 5 thg 1, 2026, Ann Walker <ann@desk.example> đã viết:",
    "Pada 5 Jan 2026, pada 10.15, Ann Walker <ann@desk.example> menulis:",
    "Am 05.01.26 um 10:15 schrieb Ann Walker:",
    "On 1/5/26 10:15 AM, Ann Walker wrote:",
    "On 05.01.26 10:15, Ann Walker via Support wrote:",
    "Le 05/01/2026 à 10:15, Ann Walker a écrit :",
    "El 05/01/2026 a las 10:15, Ann Walker escribió:",
    "Il 05/01/2026 10:15, Ann Walker ha scritto:",
    "Op 5-1-2026 om 10:15 schreef Ann Walker:",
    "Den 2026-01-05 kl. 10:15, skrev Ann Walker:",
    "Den 05-01-2026 kl. 10:15 skrev Ann Walker:",
    "Ann Walker kirjoitti 5.1.2026 klo 10.15:",
    "W dniu 5.01.2026 o 10:15, Ann Walker pisze:",
    "Dne 05. 01. 26 v 10:15 Ann Walker napsal(a):",
    "2026. 01. 05. 10:15 keltezéssel, Ann Walker írta:",
    "05.01.2026 10:15, Ann Walker пишет:",
    "Em 05/01/2026 10:15, Ann Walker escreveu:",
    "Às 10:15 de 05/01/2026, Ann Walker escreveu:",
    "在 2026/1/5 10:15, Ann Walker 写道:",
    "Ann Walker 於 2026/1/5 10:15 寫道:",
    "2026-01-05 오전 10:15에 Ann Walker 이(가) 쓴 글:",
    "5.01.2026 10:15 tarihinde Ann Walker yazdı:",
    "05.01.26 10:15, Ann Walker пише:",
    "Στις 5/1/26 10:15, ο/η Ann Walker έγραψε:",
    "La 05.01.2026 10:15, Ann Walker a scris:",
    "Ann Walker je 5. 1. 26 ob 10:15 napisal:",
    "Dana 5. 1. 2026. 10:15, Ann Walker piše:",
    "Dňa 5. 1. 2026 o 10:15 Ann Walker napísal(a):",
    "Ann Walker kirjutas 05.01.26 kell 10:15:",
    "2026-01-05 10:15, Ann Walker rašė:",
    "На 5.01.26 г. в 10:15, Ann Walker написа:",
    "בתאריך 05/01/2026 10:15, Ann Walker כתב:",
    "On Monday, January 5, 2026 at 10:15:00 AM GMT+1, Ann Walker <ann@desk.example> wrote:",
    "Am Montag, 5. Januar 2026 um 10:15:00 MEZ hat Ann Walker <ann@desk.example> Folgendes geschrieben:",
    "Le lundi 5 janvier 2026 à 10:15:00 UTC+1, Ann Walker <ann@desk.example> a écrit :",
    "En lunes, 5 de enero de 2026, 10:15:00 CET, Ann Walker <ann@desk.example> escribió:",
    "In data lunedì 5 gennaio 2026 alle ore 10:15:00 CET, Ann Walker <ann@desk.example> ha scritto:",
    "Em segunda-feira, 5 de janeiro de 2026 10:15:00 BRT, Ann Walker <ann@desk.example> escreveu:",
    "On Monday, January 5th, 2026 at 10:15, Ann Walker <ann@desk.example> wrote:",
    '05.01.2026, 10:15, "Ann Walker" <ann@desk.example>:',
    "Понедельник, 5 января 2026, 10:15 +03:00 от Ann Walker <ann@desk.example>:",
    "05.01.2026 10:15:00 пользователь Ann Walker <ann@desk.example> написал:",
    'At 2026-01-05 10:15:00, "anna" <ann@desk.example> wrote:',
    '在 2026-01-05 10:15:00，"anna" <ann@desk.example> 写道：',
    "Il 05/01/2026 10:15 Ann Walker <ann@desk.example> ha scritto:",
    "On Mon, 5 Jan 2026, at 10:15 AM, Ann Walker wrote:",
    "Am Montag, 5. Januar 2026, 10:15:00 CET schrieb Ann Walker:",
    "Am Montag, dem 05.01.2026 um 10:15 +0100 schrieb Ann Walker:",
    "On Mon, 2026-01-05 at 10:15 +0100, Ann Walker wrote:",
    "On Mon, Jan 05, 2026 at 10:15:00AM +0100, Ann Walker wrote:",
    "On Jan 5, 2026, 10:15 AM +0100, Ann Walker <ann@desk.example>, wrote:",
    "Am 5. Jan. 2026, 10:15 +0100 schrieb Ann Walker <ann@desk.example>:",
    "On 5 January 2026 at 10:15:00, Ann Walker (ann@desk.example) wrote:",
    "Am 5. Januar 2026 10:15:00 MEZ schrieb Ann Walker <ann@desk.example>:",
    "Monday, January 5, 2026, 10:15:00 AM, you wrote:",
    "Ann Walker <ann@desk.example> schrieb am Mo., 5. Jan. 2026, 10:15:",
    "Ann Walker <ann@desk.example> schrieb am 05.01.2026 10:15 MEZ:",
    "Ann Walker <ann@desk.example> hat am 05.01.2026 10:15 CET geschrieben:",
]

# The header lines that programs put above what they quote, and the lines of dashes.
HEADED = [
    "From: Ann Walker <ann@desk.example>\nSent: Monday, March 2, 2026 12:00 PM\nTo: Carla\nSubject: RE: Printer",
    "*From:* Ann Walker [mailto:ann@desk.example]\n*Sent:* Monday\n*To:* Carla\n*Subject:* Printer",
    "________________________________\nFrom: Ann Walker <ann@desk.example>\nSent: Monday\nTo: Carla\nSubject: Printer",
    "-----Original Message-----\nFrom: Ann\nTo: Carla\nSubject: Printer",
    "-----Ursprüngliche Nachricht-----\nVon: Ann\nGesendet: Montag\nAn: Carla\nBetreff: Drucker",
    "Von: Ann Walker <ann@desk.example>\nGesendet: Montag, 2. März 2026 12:00\nAn: Carla\nBetreff: AW: Drucker",
    "De : Ann Walker <ann@desk.example>\nEnvoyé : lundi 2 mars 2026 12:00\nÀ : Carla\nObjet : Re: Imprimante",
    "De: Ann Walker\nEnviado el: lunes, 2 de marzo de 2026 12:00\nPara: Carla\nAsunto: RE: Impresora",
    "De: Ann Walker\nEnviada em: segunda-feira, 2 de março de 2026 12:00\nPara: Carla\nAssunto: RES: Impressora",
    "Da: Ann Walker\nInviato: lunedì 2 marzo 2026 12:00\nA: Carla\nOggetto: R: Stampante",
    "Van: Ann Walker\nVerzonden: maandag 2 maart 2026 12:00\nAan: Carla\nOnderwerp: RE: Printer",
    "Från: Ann Walker\nSkickat: den 2 mars 2026 12:00\nTill: Carla\nÄmne: SV: Skrivare",
    "Fra: Ann Walker\nSendt: 2. marts 2026 12:00\nTil: Carla\nEmne: SV: Printer",
    "Lähettäjä: Ann Walker\nLähetetty: maanantai 2. maaliskuuta 2026 12.00\nVastaanottaja: Carla\nAihe: VS: Tulostin",
    "Od: Ann Walker\nWysłano: poniedziałek, 2 marca 2026 12:00\nDo: Carla\nTemat: ODP: Drukarka",
    "Od: Ann Walker\nOdesláno: pondělí 2. března 2026 12:00\nKomu: Carla\nPředmět: RE: Tiskárna",
    "Feladó: Ann Walker\nElküldve: 2026. március 2.\nCímzett: Carla\nTárgy: RE: Nyomtató",
    "От: Ann Walker\nОтправлено: 2 марта 2026 г. 12:00\nКому: Carla\nТема: RE: Принтер",
    "Від: Ann Walker\nНадіслано: 2 березня 2026 р.\nКому: Carla\nТема: RE: Принтер",
    "Kimden: Ann Walker\nGönderildi: 2 Mart 2026 Pazartesi 12:00\nKime: Carla\nKonu: YNT: Yazıcı",
    "差出人: Ann Walker\n送信日時: 2026年3月2日 12:00\n宛先: Carla\n件名: RE: プリンター",
    "发件人: Ann Walker\n发送时间: 2026年3月2日 12:00\n收件人: Carla\n主题: 回复: 打印机",
    "보낸 사람: Ann Walker\n보낸 날짜: 2026년 3월 2일\n받는 사람: Carla\n제목: RE: 프린터",
    "---------- Forwarded message ---------\nFrom: Ann\nSubject: Printer\nTo: Carla",
    "Anfang der weitergeleiteten Nachricht:\n\nVon: Ann\nBetreff: Drucker\nAn: Carla",
    "##- Please type your reply above this line -##",
]
_MORE = """
Gesendet: Montag, 5. Januar 2026 um 10:15 Uhr
Von: "Ann Walker" <ann@desk.example>
An: carla@c.example
Betreff: Aw: Drucker

________________________________
From: Ann Walker <ann@desk.example>
Sent: Monday, January 5, 2026 10:15 AM
To: Carla <carla@c.example>
Subject: Re: Printer

From: Ann Walker <ann@desk.example>
Date: Monday, 5 January 2026 at 10:15
To: Carla <carla@c.example>
Subject: Re: Printer

Von: Ann Walker <ann@desk.example>
Gesendet: Montag, 5. Januar 2026 10:15
An: Carla <carla@c.example>
Betreff: AW: Drucker

De : Ann Walker <ann@desk.example>
Envoyé : lundi 5 janvier 2026 10:15
À : Carla <carla@c.example>
Objet : RE: Imprimante

De: Ann Walker <ann@desk.example>
Enviado el: lunes, 5 de enero de 2026 10:15
Para: Carla <carla@c.example>
Asunto: RE: Impresora

Da: Ann Walker <ann@desk.example>
Inviato: lunedì 5 gennaio 2026 10:15
A: Carla <carla@c.example>
Oggetto: R: Stampante

De: Ann Walker <ann@desk.example>
Enviada em: segunda-feira, 5 de janeiro de 2026 10:15
Para: Carla <carla@c.example>
Assunto: RES: Impressora

Van: Ann Walker <ann@desk.example>
Verzonden: maandag 5 januari 2026 10:15
Aan: Carla <carla@c.example>
Onderwerp: RE: Printer

Från: Ann Walker <ann@desk.example>
Skickat: den 5 januari 2026 10:15
Till: Carla <carla@c.example>
Ämne: SV: Skrivare

Fra: Ann Walker <ann@desk.example>
Sendt: 5. januar 2026 10:15
Til: Carla <carla@c.example>
Emne: SV: Printer

Lähettäjä: Ann Walker <ann@desk.example>
Lähetetty: maanantai 5. tammikuuta 2026 10:15
Vastaanottaja: Carla <carla@c.example>
Aihe: VS: Tulostin

Od: Ann Walker <ann@desk.example>
Wysłane: poniedziałek, 5 stycznia 2026 10:15
Do: Carla <carla@c.example>
Temat: ODP: Drukarka

Od: Ann Walker <ann@desk.example>
Odesláno: pondělí 5. ledna 2026 10:15
Komu: Carla <carla@c.example>
Předmět: RE: Tiskárna

Od: Ann Walker <ann@desk.example>
Odoslané: pondelok 5. januára 2026 10:15
Komu: Carla <carla@c.example>
Predmet: RE: Tlačiareň

Feladó: Ann Walker <ann@desk.example>
Elküldve: 2026. január 5., hétfő 10:15
Címzett: Carla <carla@c.example>
Tárgy: RE: Nyomtató

De la: Ann Walker <ann@desk.example>
Trimis: luni, 5 ianuarie 2026 10:15
Către: Carla <carla@c.example>
Subiect: RE: Imprimantă

От: Ann Walker <ann@desk.example>
Отправлено: 5 января 2026 г. 10:15
Кому: Carla <carla@c.example>
Тема: RE: Принтер

Від: Ann Walker <ann@desk.example>
Надіслано: 5 січня 2026 р. 10:15
Кому: Carla <carla@c.example>
Тема: RE: Принтер

От: Ann Walker <ann@desk.example>
Изпратено: понеделник, 5 януари 2026 г. 10:15
До: Carla <carla@c.example>
Относно: RE: Принтер

Από: Ann Walker <ann@desk.example>
Στάλθηκε: Δευτέρα, 5 Ιανουαρίου 2026 10:15
Προς: Carla <carla@c.example>
Θέμα: RE: Εκτυπωτής

Kimden: Ann Walker <ann@desk.example>
Gönderildi: 5 Ocak 2026 Pazartesi 10:15
Kime: Carla <carla@c.example>
Konu: YNT: Yazıcı

差出人: Ann Walker <ann@desk.example>
送信日時: 2026年1月5日 10:15
宛先: Carla <carla@c.example>
件名: RE: プリンタ

发件人: Ann Walker <ann@desk.example>
发送时间: 2026年1月5日 10:15
收件人: Carla <carla@c.example>
主题: 答复: 打印机

寄件者: Ann Walker <ann@desk.example>
寄件日期: 2026年1月5日 上午 10:15
收件者: Carla <carla@c.example>
主旨: RE: 印表機

보낸 사람: Ann Walker <ann@desk.example>
보낸 날짜: 2026년 1월 5일 월요일 오전 10:15
받는 사람: Carla <carla@c.example>
제목: RE: 프린터

מאת: Ann Walker <ann@desk.example>
נשלח: יום שני 05 ינואר 2026 10:15
אל: Carla <carla@c.example>
נושא: RE: מדפסת

من: Ann Walker <ann@desk.example>
تم الإرسال: الاثنين، 5 يناير 2026 10:15
إلى: Carla <carla@c.example>
الموضوع: RE: طابعة

จาก: Ann Walker <ann@desk.example>
ส่ง: 5 มกราคม 2569 10:15
ถึง: Carla <carla@c.example>
เรื่อง: RE: เครื่องพิมพ์

Từ: Ann Walker <ann@desk.example>
Đã gửi: Thứ Hai, 5 tháng 1, 2026 10:15
Đến: Carla <carla@c.example>
Chủ đề: RE: Máy in

Dari: Ann Walker <ann@desk.example>
Dikirim: Senin, 5 Januari 2026 10:15
Kepada: Carla <carla@c.example>
Subjek: RE: Printer

Šalje: Ann Walker <ann@desk.example>
Poslano: 5. siječnja 2026. 10:15
Prima: Carla <carla@c.example>
Predmet: RE: Pisač

Od: Ann Walker <ann@desk.example>
Poslano: ponedeljek, 5. januar 2026 10:15
Za: Carla <carla@c.example>
Zadeva: RE: Tiskalnik

Saatja: Ann Walker <ann@desk.example>
Saadetud: esmaspäev, 5. jaanuar 2026 10:15
Adressaat: Carla <carla@c.example>
Teema: RE: Printer

Nuo: Ann Walker <ann@desk.example>
Išsiųsta: 2026 m. sausio 5 d. 10:15
Kam: Carla <carla@c.example>
Tema: RE: Spausdintuvas

No: Ann Walker <ann@desk.example>
Nosūtīts: pirmdiena, 2026. gada 5. janvāris 10:15
Kam: Carla <carla@c.example>
Tēma: RE: Printeris

Пошиљалац: Ann Walker <ann@desk.example>
Послато: понедељак, 5. јануар 2026. 10:15
Прималац: Carla <carla@c.example>
Наслов: RE: Штампач

De: Ann Walker <ann@desk.example>
Enviat el: dilluns, 5 de gener de 2026 10:15
Per a: Carla <carla@c.example>
Tema: RE: Impressora

*From:* Ann Walker <ann@desk.example>
*Sent:* Monday, January 5, 2026 10:15 AM
*To:* Carla <carla@c.example>
*Subject:* Re: Printer

------------------ 原始邮件 ------------------
发件人: "anna" <ann@desk.example>;
发送时间: 2026年1月5日(星期一) 上午10:15
收件人: "bob"<carla@c.example>;
主题: 打印机

-----Original Message-----
From: "Ann" <ann@desk.example>
To: <carla@c.example>;
Cc:
Sent: 2026-01-05 (월) 10:15:00 (GMT+09:00)
Subject: 프린터

--------- 원본 메일 ---------
보낸사람: "Ann" <ann@desk.example>
받는사람: <carla@c.example>
날짜: 2026년 1월 5일(월) 10:15:00
제목: 프린터

-------- Original message --------
From: Ann Walker <ann@desk.example>
Date: 05/01/2026 10:15 (GMT+01:00)
To: carla@c.example
Subject: Printer

-------- Ursprüngliche Nachricht --------
Von: Ann Walker <ann@desk.example>
Datum: 05.01.26 10:15 (GMT+01:00)
An: carla@c.example
Betreff: Drucker

-------- Message d'origine --------
De : Ann Walker <ann@desk.example>
Date : 05/01/2026 10:15 (GMT+01:00)
À : carla@c.example
Objet : Imprimante

-------- Mensaje original --------
De: Ann Walker <ann@desk.example>
Fecha: 05/01/2026 10:15 (GMT+01:00)
Para: carla@c.example
Asunto: Impresora

-------- Messaggio originale --------
Da: Ann Walker <ann@desk.example>
Data: 05/01/26 10:15 (GMT+01:00)
A: carla@c.example
Oggetto: Stampante

-------- Oorspronkelijk bericht --------
Van: Ann Walker <ann@desk.example>
Datum: 05-01-2026 10:15 (GMT+01:00)
Aan: carla@c.example
Onderwerp: Printer

-------- Oryginalna wiadomość --------
Od: Ann Walker <ann@desk.example>
Data: 05.01.2026 10:15 (GMT+01:00)
Do: carla@c.example
Temat: Drukarka

-------- Исходное сообщение --------
От: Ann Walker <ann@desk.example>
Дата: 05.01.2026 10:15 (GMT+03:00)
Кому: carla@c.example
Тема: Принтер

-------- Mensagem original --------
De: Ann Walker <ann@desk.example>
Data: 05/01/2026 10:15 (GMT-03:00)
Para: carla@c.example
Assunto: Impressora

-------- Originalmeddelande --------
Från: Ann Walker <ann@desk.example>
Datum: 2026-01-05 10:15 (GMT+01:00)
Till: carla@c.example
Ämne: Skrivare

-------- Původní zpráva --------
Od: Ann Walker <ann@desk.example>
Datum: 05.01.2026 10:15 (GMT+01:00)
Komu: carla@c.example
Předmět: Tiskárna

-------- Orijinal mesaj --------
Kimden: Ann Walker <ann@desk.example>
Tarih: 05.01.2026 10:15 (GMT+03:00)
Alıcı: carla@c.example
Konu: Yazıcı

-------- Eredeti üzenet --------
Feladó: Ann Walker <ann@desk.example>
Dátum: 2026. 01. 05. 10:15 (GMT+01:00)
Címzett: carla@c.example
Tárgy: Nyomtató

----- Mail original -----
De: "Ann Walker" <ann@desk.example>
À: "Carla" <carla@c.example>
Envoyé: Lundi 5 Janvier 2026 10:15:00
Objet: Imprimante

----Messaggio originale----
Da: ann@desk.example
Data: 05/01/2026 10:15
A: <carla@c.example>
Ogg: Stampante

-----Original-Nachricht-----
Betreff: Drucker
Datum: 2026-01-05T10:15:00+0100
Von: "Ann Walker" <ann@desk.example>
An: "carla@c.example" <carla@c.example>

------ Originalnachricht ------
Von: "Ann Walker" <ann@desk.example>
An: "Carla" <carla@c.example>
Gesendet: 05.01.2026 10:15:00
Betreff: Drucker

------ Original Message ------
From "Ann Walker" <ann@desk.example>
To "Carla" <carla@c.example>
Date 05/01/2026 10:15:00
Subject Re: Printer

Von: "Ann Walker" <ann@desk.example>
An: "Carla" <carla@c.example>
Datum: 05.01.2026 10:15
Betreff: Antwort: Drucker

‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐
"""
HEADED += [block.strip() for block in _MORE.split("\n\n")]


def marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
