// Mails to try the desk with: what customers really write, in several languages and moods, some of it nasty.

/** label: what the menu says; subject and text: what is filled in. */
export const EXAMPLES = [
  {
    label: "A parcel that never came",
    subject: "Order 48213 has not arrived",
    text: 'Hello,\n\nI ordered a desk lamp on 3 November (order 48213) and it still has not arrived. The tracking page has said "in transit" for nine days now.\n\nCould you find out where it is, please? I need it before the weekend.\n\nKind regards,\nCarla Gómez',
  },
  {
    label: "Urgent: the whole office is offline",
    subject: "URGENT - nobody can log in since 9:15",
    text: 'Hi,\n\nsince about 9:15 none of our 40 people can log in. The error is "SSO-502". We have a customer presentation at 11.\n\nPlease call me as soon as you can: +44 20 7946 0958\n\nPriya',
  },
  {
    label: "Deutsch: eine Reklamation",
    subject:
      "Reklamation: Die Lieferung vom 12. November war unvollständig und das Donaudampfschifffahrtsgesellschaftskapitänsmützenmodell fehlt",
    text: "Sehr geehrte Damen und Herren,\n\nleider war die Lieferung vom 12.11. (Bestellung 2024-77813) unvollständig: Es fehlen zwei von fünf Positionen, obwohl alle fünf berechnet wurden (149,90 €).\n\nIch bitte um Nachlieferung bis Freitag oder um Erstattung.\n\nMit freundlichen Grüßen\nMax Mustermann",
  },
  {
    label: "日本語: 返品のお願い",
    subject: "返品について(注文番号 55120)",
    text: "お世話になっております。\n\n先日購入した椅子(注文番号 55120)ですが、届いた商品の色が注文と異なっておりました。\n交換、または返品をお願いできますでしょうか。\n\nお手数をおかけしますが、どうぞよろしくお願いいたします。\n\n山田 花子",
  },
  {
    label: "العربية: سؤال عن الفاتورة",
    subject: "سؤال عن الفاتورة رقم 3391",
    text: "السلام عليكم،\n\nوصلتني الفاتورة رقم 3391 بمبلغ 250 يورو، لكنني دفعت هذا المبلغ في 5 نوفمبر. هل يمكنكم التحقق من ذلك؟\n\nمع الشكر،\nأحمد",
  },
  {
    label: "Français : un client fâché",
    subject: "Toujours aucune réponse !",
    text: "Bonjour,\n\nc’est la troisième fois que je vous écris au sujet de mon remboursement (dossier 9914). Personne ne me répond. C’est inadmissible.\n\nSi je n’ai pas de nouvelles d’ici demain, je fais opposition.\n\nClaire Dubois",
  },
  {
    label: "Thank you (closes nothing, opens nothing)",
    subject: "Thanks!",
    text: "Thank you so much, that was quick. Have a nice weekend!\n\nCarla",
  },
  {
    label: "Hostile: markup, mentions, direction tricks",
    subject: "<!channel> *URGENT* <script>alert(1)</script> \u202Egnp.eciovni",
    text: "<script>alert('hi')</script>\n<!channel> <!here> <@U0ANN> please *look* at _this_ ~now~ `code`\n```not code```\n> not a quotation of yours\n<https://evil.example|https://your-bank.example>\n&lt;b&gt;already escaped&lt;/b&gt; &amp;amp;\n:white_check_mark: :rotating_light:\n\u202Ethis line runs backwards\u202C and this one does not\n\u200B\u2066invisible\u2069\n{{template}} ${expression} %s %(name)s\n'; DROP TABLE tickets; --",
  },
];
