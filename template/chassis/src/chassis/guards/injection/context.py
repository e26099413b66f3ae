"""More of `words.py`: who is spoken to, what is to be done with what, and what tells a report."""

from __future__ import annotations

CONTEXT: dict[str, str] = {
    # Who reads: "the assistant that summarises this page".
    "READ": """
        reading reads read summarising summarizing summarises summarizes summarise processing
        processes process parsing parses parse reviewing reviews evaluating evaluates evaluate
        screening analysing analyzing analyses indexing crawling grading ranking scoring handling
        compiles compiled condensing condensed condenses condense redige redacta rédige résumera
        resuma resumirá erstellt zusammenfasst redigerer complete_by completed_by zusammenfass*
        liest lesen lesende* auswert* bewert* bearbeit* lee lea leyendo resume procesa evalúa lit
        lisez résume lisant analyse legge leggendo riassume valuta analizza lê lendo resumir triagem
        leest samenvat* czyta czytając* przetwarza* okuyan özetleyen okuyorsa читающ* чита*
        обрабатыва* состав* يقرأ القارئ पढ़ पढ़ने रहे 읽는 요약* lees""",
    "NOTE": """
        attention note notice dear hello hey message memo instruction instructions instruct
        important warning psst hinweis achtung liebe* lieber nota atención aviso note_à avis cher
        attention_à attenzione avviso atenção opmerking aan_de uwaga dikkat внимание примечание
        инструкция ملاحظة تنبيه सूचना ध्यान 참고 주의""",
    "IF": """
        if when whenever once should as wenn falls sobald si cuando lorsque quand se quando als
        wanneer jeśli gdy kiedy eğer если когда إذا عندما यदि अगर जब""",
    # What an order to a reader of documents wants.
    "MARK": """
        mark set classify approve rate score rank recommend say state answer respond reply
        conclude put leave_out omit treat route return emit escalate grant close report output
        ignore include add append tell write assign confirm promote endorse delete forward send
        describe summarise praise transfer run execute markiere setze gib bewerte empfehle lass
        sage schreibe nenne erwähne stufe marca clasifica aprueba recomienda di responde valora
        otorga pon indica marque classe approuve recommande dis réponds attribue note accorde
        segna classifica approva raccomanda rispondi assegna valuta imposta classifique aprove
        recomende responda atribua defina markeer keur beveel beoordeel antwoord zet ustaw oznacz
        zatwierdź oceń dopisz zalec zaklasyfikuj odpowiedz işaretle onayla öner puan ver kapat
        yaz отметь поставь оцени одобри рекомендуй напиши упоминай присвой ответь اكتب ضع صنف
        وافق قيم أوص ضعه चिह्नित लिखकर दर्ज स्वीकृत 평가* 표시* 추천* 승인*""",
    "HIDE": """
        do_not_mention don_t_mention do_not_tell don_t_tell without_telling do_not_reveal_this
        never_mention do_not_inform don_t_inform do_not_report do_not_disclose_this don_t_ask
        do_not_ask silently without_asking without_mentioning do_not_show_this nicht_erwähnen
        nicht_mitteilen ohne_zu_fragen no_menciones no_lo_menciones sin_avisar sin_decir
        sin_decirlo ne_mentionne_pas ne_le_dis_pas sans_prévenir sans_le_dire non_menzionare
        non_dire senza_avvisare não_mencione não_diga sem_avisar niet_vermelden vermeld_niet
        nie_wspominaj nie_mów bahsetme söyleme не_упоминай не_сообщай не_говори لا_تذكر لا_تخبر
        मत_बताना 언급하지* 말하지*""",
    "USER": """
        user users developer reader owner human customer this anyone anybody nobody somebody
        person people manager operator nutzer* benutzer* usuario usuarios utilisateur* utente
        utenti usuário gebruiker* użytkownik* kullanıcı* пользовател* المستخدم उपयोगकर्ता 사용자*""",
    "SEND": """
        send post forward upload email e-mail mail exfiltrate transmit submit append include
        insert embed encode url-encode url-encoded urlencode attach put fill replace substitute
        collect load fetch call visit open render sende schicke schick leite füge hänge lade
        envía envíe reenvía adjunta incluye incluya sustituya sustituye añade envoie envoyez
        transmets ajoute insère remplace joins invia inoltra allega aggiungi inserisci
        sostituisci envie encaminhe anexe inclua adicione substitua stuur verzend voeg plaats
        wyślij prześlij dołącz wstaw gönder ekle ilet отправь перешли добавь вставь приложи أرسل
        ارسل أضف حول भेजो भेजें जोड़ो 보내* 전송* 첨부* posts sends forwards uploads submits
        transmits request navigate ping""",
    "DATA": """
        record chat_so_far data chat conversation history password passwords api_key api_keys
        keys token tokens credentials secrets records database customer_email emails names
        phone_numbers address_book contacts prompt session cookie cookies card other_tickets
        other_customers transcript context environment_variables configuration answer summary
        daten verlauf passwort passwörter datos historial contraseña* conversación données
        historique mot_de_passe dati cronologia conversazione dados histórico senha senhas
        conversa gegevens gesprek geschiedenis wachtwoord* dane historię hasło hasła rozmow*
        veriler geçmişi şifre* konuşma* данные историю пароль пароли переписку بيانات المحادثة
        كلمة_المرور डेटा पासवर्ड बातचीत 데이터* 비밀번호* 대화*""",
    "LINK": """
        link image picture img pixel markdown_image src webhook endpoint enlace imagen lien
        collegamento immagine ligação imagem bild grafik afbeelding koppeling łącze obrazek
        bağlantı resim görsel ссылк* картинк* رابط صورة लिंक तस्वीर لینک 링크* 이미지*""",
    "OTHERS": """
        other_customers other_users all_customers all_users every_customer other_tickets
        all_the_other_customers previous_customer previous_customers last_customer previous_caller
        previous_user customer_before_me vorigen_kunden letzten_kunden cliente_anterior
        client_précédent cliente_precedente vorige_klant poprzedni_klient poprzedniego_klienta
        önceki_müşteri предыдущего_клиента förra_kunden other_people another_customer another_user
        anderer_kunden otros_clientes autres_clients altri_clienti outros_clientes andere_klanten
        innych_klientów diğer_müşterilerin diğer_müşteriler других_клиентов العملاء""",
    "QUESTION": """
        co czego vad hvad ce_ți що τι מה mikä mitä mit apa nini kya what which what_s welche
        was_sind qué cuál cuáles quelles quel quali qual quais welke wat jaki jakie ne neler nedir
        какой какие каков ما क्या 무엇* 뭐*""",
    "CALL": """
        enable activate enter turn_on switch_on switch_to call invoke use trigger run execute
        launch perform""",
    "TOOL": """
        tool function api command shell script internal_command function_call refund_tool
        admin_tool plugin subprocess sudo curl rm wget admin_rights""",
    "RANK": """
        admin administrator root operator sysadmin superuser developer system override
        maintenance sudo""",
    "GRANTED": """
        elevated granted unlocked disabled deactivated enabled activated authorised authorized
        permitted accepted bypassed""",
    "DECODE": """
        decode decoding deobfuscate unscramble decrypt backwards rot13 base64 hex binary
        rückwärts dekodiere entschlüssele decodifica decodifique décode декодируй раскодируй
        odkoduj çöz فك""",
    "GUARD": """
        guardrail guardrails safeguards programming preprompt safety_rules safety_guidelines
        content_policy safety_filters content_filters alignment conditioning""",
    "OUTRANK": """
        supersede supersedes overrides replaces replace outrank outranks take_precedence
        takes_precedence have_priority has_priority ersetzen sustituyen reemplazan remplacent
        sostituiscono substituem vervangen zastępują заменяют""",
    "MACHINE": """
        machine machines computer program software robot algorithm parser maschine programm
        máquina ordenador programa ordinateur macchina computador komputer* maszyn* bilgisayar*
        машин* компьютер* программ* रोबोट मशीन 로봇* 컴퓨터*""",
    "ONLYSAY": """
        answer_only_with reply_only_with respond_only_with answer_with_only nothing_else
        single_word reply_exactly only_the_word output_only say_only answer_only reply_only
        antworte_nur responde_únicamente responde_solo réponds_uniquement rispondi_solo
        responda_apenas antwoord_alleen odpowiedz_tylko sadece отвечай_только""",
    "ENCODE": "url_encode url_encoded urlencode urlencoded base64 encode encoded codificado encodé",
    "DOIT": """
        obey run execute follow do_what carry_out do_it act_on run_it apply_it führe_aus befolge
        ausführen ejecuta sigue obedece exécute suis esegui siga voer_uit wykonaj uygula выполни
        исполни نفذ करो act""",
    # Somebody tells whom else he gave the order: no order to who reads.
    "TELL": """
        told_us told_them told_me tells_us tell_us asks_us asked_us told_him told_her
        tell_it tells_it told_it telling_it ask_it asks_it asked_it asking_it get_it_to gets_it_to
        got_it_to make_it makes_it made_it tell_the_bot tells_the_bot told_the_bot ask_the_bot
        asked_the_bot get_the_bot got_the_bot make_the_bot tell_the_assistant told_the_assistant
        tell_chatgpt told_chatgpt ask_chatgpt asked_chatgpt tell_an_ai told_an_ai tell_a_bot
        tell_the_model told_the_model asked_the_model asks_the_model trying_to_get tried_to_get
        tries_to_get trick_it tricked_it convince_it convinced_it talk_it_into people_write
        people_type people_typing people_ask somebody_writes someone_writes someone_types
        someone_typed somebody_types somebody_typed user_types user_typed users_type users_typed
        keep_writing keeps_writing i_typed i_wrote we_typed we_wrote he_typed she_typed they_typed
        attempts_to attempt_to tries_to tried_to claims_to attackers users_who people_who
        customers_who someone_who anyone_who asks_an_assistant asks_the_assistant never_try_to
        dem_bot_gesagt dem_bot_sagt au_robot_d al_bot_que al_bot_di
        sagt_ihm sagte_ihm sage_ihm schrieb_ihm versucht_zu versuchen_zu lui_dit lui_a_dit
        lui_demande tente_de essaie_de le_dije le_dijo le_digo intenta intentan gli_ho_detto
        cerca_di prova_a disse_lhe tenta_fazer probeert_te próbuje пытается просит_бота""",
    "PEOPLE": """
        people user users customer customers somebody someone anyone student students kunde kunden
        nutzer* client clients cliente clientes utilisateur* usuario* utenti клиент*
        пользовател*""",
    "NEVER": """
        never don_t do_not must_not should_not cannot can_t won_t will_not does_not doesn_t nie
        niemals nicht jamais ne n nunca no_debe non mai não nooit niet nigdy никогда не lā لا ممنوع
        kabhi aldrig inte nikdy""",
    # Somebody tells what somebody else said or wrote, or speaks of such attacks as such.
    "QUOTE": """
        replying answering writing asking asks typing shouting posting commenting sending repeating
        escrever escreve escrevendo responde escribir escribe escribiendo écrire scrivere scrivendo
        scrive eingeben eingabe eingibt eingetippt schreiben typt typen skrev skriver napsal
        types typed put prompts answered replied heard hears shouted says said say saying wrote
        writes reads quote quoted quotes contains contained such_as screenshot phishing example
        vulnerability vulnerabilities reported advisory research study injection injections sentence
        phrase text message pasted called titled displays displayed received saw popup pop-up letter
        song began told e.g e_g like something_like scanner logged tells schreibt schrieb tippt
        tippen gesagt geschrieben sagt sagte steht stand meldung beispiel lautet nachricht dice dijo
        escribió tecleó decía ejemplo mensaje contiene frase frases texto dit disait exemple
        contient texte tapé écrit affiche diceva scritto_al ha_scritto esempio messaggio testo
        scritto diz dizia exemplo mensagem contém zegt zei staat bericht voorbeeld tekst mówi
        napisał przykład diyor yazıyor mesaj örnek говорит написал пишет текст сообщение пример
        фраз* يقول رسالة مثل كتب लिखा कहता संदेश उदाहरण 라고* 메시지* 문장* 예시*""",
}
