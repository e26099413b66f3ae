"""The words that the tripwires know, by what they mean. Further languages: languages.py.

A star ends a stem ("instruction*"); an underscore joins a phrase ("do_not_follow"). Accents and
case do not matter. Chinese and Japanese have no spaces, so theirs are looked for anywhere.

Only words that change what a sentence asks for stand here. What is missing is seen as "some word".
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    # To leave aside what holds. Orders and plans, not reports: "ignored" is a report.
    "DROP": """
        ignore ignoring disregard disregarding forget forgetting override overriding bypass
        bypassing discard dismiss overlook neglect abandon unlearn erase disobey circumvent
        delete drop set_aside put_aside throw_away throw_out pay_no_attention do_not_follow
        don_t_follow stop_following stop_obeying do_not_obey no_longer_follow never_mind
        let_go_of not_bound_by no_longer_bound do_not_apply stop_being break_out_of ignoriere
        ignorieren ignorier vergiss vergesse vergessen vergesst missachte missachten verwirf
        verwerfen umgehe umgehen übergehe übergehen befolge_nicht beachte_nicht ignora ignoras
        ignorar ignores ignoren ignorez ignorer ignorate ignori olvida olvide olviden olvidar
        olvídate olvídese descarta descarte descartar haz_caso_omiso omite omitir no_hagas_caso
        no_sigas no_obedezcas deja_de_lado sáltate anula pasa_por_alto oublie oubliez oublier
        passe_outre ne_tiens_pas_compte ne_tenez_pas_compte ne_tiens_plus_compte
        ne_tiens_aucun_compte fais_abstraction faites_abstraction ne_suis_plus ne_respecte_pas
        ne_respecte_plus laisse_de_côté contourne contournez dimentica dimenticate dimenticare
        dimentichi scorda trascura trascurare non_seguire non_tenere_conto non_considerare
        lascia_perdere aggira scavalca esqueça esqueçam esquece esquecer ignorem desconsidere
        desconsidera desconsiderar desobedeça não_siga não_obedeça deixe_de_lado contorne negeer
        negeren vergeet vergeten verwerp omzeil sla_over trek_je_niets_aan zignoruj zignorować
        ignoruj ignorować zapomnij zapomnieć pomiń pominąć odrzuć nie_przestrzegaj nie_stosuj_się
        nie_zważaj ma_pominąć unut unutun yok_say yoksay görmezden dikkate_alma boşver göz_ardı
        hiçe_say geçersiz_kıl uyma забудь забудьте забыть игнорируй игнорируйте игнорировать
        проигнорируй не_обращай отбрось не_следуй не_выполняй отмени обойди пренебреги
        не_учитывай не_соблюдай تجاهل تجاهلي تجاهلوا انس انسى انسي تخط تخطى تجاوز لا_تتبع
        لا_تلتزم اهمل أهمل دعك_من الغ अनदेखा अनदेखी नज़रअंदाज़ नजरअंदाज भूल_जाओ भूल_जाइए भूल_जाएं
        भूलकर भूल मत_मानो मत_मानना न_मानो छोड़_दो इग्नोर नज़रंदाज़ نادیده فراموش_کن بی_توجه
        رعایت_نکن 무시* 잊어* 잊고* 따르지* 무효* scrap ditch nullify suspend cast_aside
        do_away_with stop_applying छोड़कर छोड़ो""",
    # What came first, and so holds.
    "EARLIER": """
        previous prior above earlier preceding foregoing former initial original existing current
        past old before beforehand until_now so_far up_to_now aforementioned vorherig* bisherig*
        obig* vorangegangen* früher* vorig* ursprünglich* alten alte zuvor bislang anterior
        anteriores previa* previo* inicial* originales antes précédent* antérieur* initial*
        préalable* avant ci-dessus d_avant precedent* iniziali iniziale originari* prima vecchie
        prévia* prévio* anteriormente iniciais acima vorige eerdere bovenstaande voorgaande
        oorspronkelijke vroegere eerder poprzedni* wcześniejsz* dotychczasow* powyższ* wcześniej
        początkow* önceki yukarıdaki daha_önce eski başlangıçtaki evvelki ilk предыдущ* прежни*
        ранее предшествующ* вышеуказанн* изначальн* старые старых первоначальн* прошлые السابقة
        السابق سابقا قبل الأصلية الأولية أعلاه पिछले पिछली पहले पूर्व पुराने ऊपर قبلی پیشین بالا
        قبلا 이전 이전의 앞선 기존 위의 지금까지* 앞의""",
    # What the model was told to do. RULES are seldom anything else; see ORDERS.
    "RULES": """
        instruction instructions rule rules guideline guidelines directive directives guardrail*
        restriction* constraint* programming guidance directions preprompt safeguard* limitations
        safety_rules content_policy safety_policies safety_filters content_filters
        safety_guidelines anweisung* regeln regel vorgaben vorgabe anleitung* richtlinie*
        instruktion* beschränkung* vorschriften einschränkung* instrucciones instrucción reglas
        normas directrices restricciones indicaciones consigne* règle* directive* restrictions
        istruzioni istruzione regole regola direttive restrizioni instruções instrução regras
        regra diretrizes restrições orientações instructie* regels richtlijn* aanwijzing*
        voorschriften beperkingen instrukcj* polece* zasad* reguł* wytyczn* ogranicze* talimat*
        kural* yönerge* kısıtlama* komutları komutlar инструкци* правил* указани* директив*
        ограничени* предписани* установк* تعليمات التعليمات تعليماتك بتعليماتك القواعد قواعد
        قواعدك الأوامر أوامر توجيهات التوجيهات قيود القيود إرشادات निर्देश* नियम* हिदायत* आदेश*
        दिशानिर्देश* पाबंदि* دستور* قوانین محدودیت* 지시* 규칙* 명령* 지침* 규정* 제한* 설정문*
        system_rules consignas""",
    # Means the same to a model, and something else to most people.
    "ORDERS": """
        orders commands training policy policies protocol protocols filter filters limits task
        job criteria principles ethics morals question role duties purpose safety censorship
        moderation boundaries law laws configuration settings setup context wording aufgabe
        befehle kriterien befehl auftrag ethik órdenes tarea criterios límites ética
        configuración tâche ordres critères compito ordini criteri configurazione tarefa ordens
        critérios configuração taak bevelen opdracht* zadanie rozkazy kryteria konfiguracj*
        görevi görevini emirleri ölçütleri задач* приказ* критери* команд* मापदंड मानदंड काम
        opdrachten brief briefing""",
    # The text that it was told in, by name.
    "PROMPT": """
        prompt prompts system_prompt system_message developer_message preprompt pre_prompt
        metaprompt systemprompt* sysprompt systemnachricht* eingabeaufforderung systemanweisung*
        mensaje_de_sistema mensaje_del_sistema invite_système messaggio_di_sistema
        mensagem_de_sistema mensagem_do_sistema systeembericht* komunikat_systemowy sistem_mesajı
        sistem_mesajını istem* promptu promptunu promptini промпт* системное_сообщение البرومبت
        موجه_النظام رسالة_النظام प्रॉम्प्ट پرامپت 프롬프트* system_instructions system_text
        initial_prompt message_système instructions_système instruction_système système_prompt
        initial_message""",
    "SYSTEM": """
        system hidden secret developer internal confidential base core underlying starting first
        built-in safety security versteckt* geheim* internen interne intern oculta* oculto*
        secreta* interna* interno* sistema caché* secret* interne* système nascost* segret*
        interni ocult* escondid* verborgen geheime systeem* ukryt* tajn* systemow* gizli sistem
        скрыт* секретн* системн* внутренн* النظام السرية المخفية सिस्टम गुप्त छिपे مخفی سیستم
        시스템 숨겨진 비밀 초기""",
    "YOUR": """
        your yours ur thy deine deinen deiner deinem deines dein tus tu tuyas ta tes ton votre
        vos tuoi tue tuo tua seus suas teus tuas jouw je twoje twoich twoją twój swoje swoich
        senin sana kurallarını твои твоих твой твоего свои своих свой вам тебе تعليماتك قواعدك
        لديك तुम्हारे तुम्हारी अपने अपना अपनी आपके आपको तुम्हें شما خود 너의 네 당신의 ihre ihren""",
    # ... as in "that you were given".
    "GIVEN": """
        given gave told received provided configured instructed taught assigned preset gegeben
        erhalten bekommen gesagt vorgegeben dado dieron dieran dijeron recibido recibiste
        recibidas recibidos configuraron reçues reçue reçu données donné dit ricevuto ricevute
        dato date detto impostat* dadas deram disseram recebeu recebidas gekregen gegeven verteld
        otrzymałeś dano dostałeś otrzymane verilen verildi söylenen данные дали получил получила
        полученные заданные أعطيت أعطوك أعطاك تلقيت दिए दिये मिले बताए داده 받은 주어진 got
        ordered fourni fournie fournies kazali powiedzieli sagten gesagt_haben söyledi* велели
        сказали قالوا बताया कहा 시킨 들은""",
    "AI": """
        screening_system sorting_system ranking_system triage_system summarising_system
        sistema_de_triagem sistema_de_selección summarising_agent llm llms an_ai the_ai hey_ai
        dear_ai if_ai for_ai to_ai any_ai as_ai this_ai your_ai ai_assistant* ai_agent* ai_model*
        ai_system* ai_bot* ai_tool* ai_reader* chatbot chatbots bot bots gpt chatgpt assistant
        assistants language_model language_models classifier claude gemini copilot
        artificial_intelligence automated_reader* automated_system* automatic_system*
        machine_reader* ki assistent* sprachmodell* künstliche_intelligenz ia asistente*
        modelo_de_lenguaje inteligencia_artificial modelo_de_linguagem assistente
        assistente_virtuale modello_linguistico assistenti intelligenza_artificiale
        assistente_virtual modèle_de_langage l_ia intelligence_artificielle taalmodel*
        sztuczna_inteligencja sztucznej_inteligencji model_językowy modelu_językowego asystent*
        asystenc* yapay_zeka* yapay_zekâ* asistan* dil_modeli ии нейросет* ассистент*
        языковая_модель языковой_модели искусственный_интеллект бот бота الذكاء_الاصطناعي المساعد
        مساعد نموذج_اللغة النموذج_اللغوي एआई सहायक مدل_زبانی دستیار هوش_مصنوعی 인공지능* 챗봇*
        어시스턴트* 언어모델* ai야 automated_processing automatic_processing automated_agent*
        atendente_virtual asistente_virtual assistant_virtuel virtual_assistant* helpdesk_bot""",
    "SHOW": """
        reveal print show repeat output display leak recite paste dump disclose expose translate
        summarise summarize paraphrase rephrase spell encode list write tell_me give_me send_me
        read_out return copy quote share zeig zeige zeigen gib_aus ausgeben wiederhole
        wiederholen nenne nenn drucke verrate schreib übersetze muestra muéstrame mostrar muestre
        revela revelar repite repetir imprime dime escribe traduce affiche affichez afficher
        montre montrez révèle révèles répète répétez dis_moi donne_moi écris récite récite_moi
        recopie mostra mostrami mostrare rivela ripeti stampa dimmi scrivi riassumi traduci
        elenca mostre revele repita imprima diga_me escreva exiba liste toon laat_zien herhaal
        geef onthul druk_af vertel pokaż wypisz wyświetl ujawnij powtórz podaj wydrukuj zacytuj
        przepisz göster yazdır tekrarla açıkla listele paylaş söyle yaz покажи покажите выведи
        выведите повтори раскрой напечатай перечисли процитируй скажи напиши اعرض أظهر اظهر اطبع
        كرر اكشف اكتب أخبرني दिखाओ दिखाइए दिखाएं बताओ दोहराओ छापो लिखो نشان_بده چاپ_کن بگو 보여*
        출력* 알려* 반복* 말해* 공개* let_me_see recount transcribe echo mirror relay state
        geben_sie wiedergeben recopiez recopier transcribe_me hand_over paste_them""",
    "WHOLE": """
        verbatim word_for_word entire whole full complete exact exactly unabridged literally
        in_full without_changes unchanged wörtlich vollständig* komplett* textual*
        palabra_por_palabra completo completa mot_pour_mot intégral* parola_per_parola
        integralmente palavra_por_palavra woordelijk volledig* letterlijk dosłownie w_całości
        kelimesi_kelimesine aynen tamamını дословно полностью слово_в_слово целиком حرفيا كاملا
        शब्दशः पूरा 그대로 전체* wort_für_wort intégralité dosłowną in_voller_länge in_extenso
        every_word""",
    "ABOVE": """
        everything_above text_above words_above lines_above message_above all_of_the_above
        everything_that_precedes precedes_this came_before_this precedes_this_document
        text_precedes everything_before prior_to_this_message preceding_this alles_oberhalb
        alles_was_über todo_lo_anterior tout_ce_qui_précède tutto_ciò_che_precede tudo_acima
        alles_hierboven wszystko_powyżej всё_выше все_что_выше before_my_message
        before_our_conversation before_this_conversation before_this_chat vor_meiner_nachricht
        avant_mon_message antes_de_mi_mensaje prima_del_mio_messaggio antes_da_minha_mensagem
        przed_moją_wiadomością mesajımdan_önce до_моего_сообщения""",
    "YOU": """
        sana size तुम्हें आपको 너에게 you u ya thou du dich dir tú ti te vous toi sei voi você
        vocês tu jij jou ty ciebie cię tobie sen seni siz ты тебя тебе вы أنت انت لك तुम तू आप تو
        너는 너 당신은 당신 넌""",
    "SELF": """
        i we he she they it who ich wir er j_ai yo nosotros nous io noi eu nós ik wij men ja я мы
        أنا मैं हम من 저는 나는 on""",
    "HOW": """
        how can could may must_i do_i should_i if_i to_i wie kann cómo puedo comment puis-je come
        posso como kan hoe jak czy nasıl как можно كيف कैसे چگونه 어떻게 did does cannot""",
    "MY": """
        my our his her their its mine meine meinen unsere unserer mi mis nuestras nuestra mon ma
        mes notre nos mio mia miei mie nostre meu minha meus minhas mijn onze moje moją moich
        nasze naszej benim bizim мои моё мое мой моих наши меня нашего رسالتي سؤالي मेरा मेरी
        मेरे हमारे हमारी من 제 내 저의""",
    "ALL": """
        all every any whatever alle allen jede todas todos toutes tous tutte tutti wszystkie
        wszystkich wszystkim tüm bütün все всех كل جميع सभी सारे همه 모든""",
    "MAKER": """
        developer developers creator creators operator operators maker makers owner owners
        programmers company masters designers entwickler* betreiber* creadores desarrolladores
        créateurs développeurs creatori sviluppatori criadores desenvolvedores twórców
        geliştiricilerin создател* разработчик* مطوريك निर्माता 개발자* boss chef baas jefe
        patron capo chefe szef* baskan empresa firma entreprise azienda bedrijf firmy właściciel*
        şirket* компани* الشركة कंपनी मालिक 회사* 주인* administrator""",
    # Words that stand between without changing anything.
    "ANY": """
        all any every the these those this that of and or each such other both been be have has
        were was are is just please simply now immediately completely entirely totally always
        ever again also only alle allen aller alles die das der den dem diese dieser diesen jede
        bitte sofort und todas todos toda todo las los la el lo esas estas de del por favor y que
        toutes tous tout les le des ces ce cette et s_il_vous_plaît du tutte tutti tutta gli i
        tutto per che di e as os o a het deze en van wszystkie wszystkich te tych tüm bütün bu ve
        все всех всё эти и كل جميع هذه التي و सभी सब को की का के और تمام همه را 모든 모두""",
    # "rules of the club": whose they are.
    "OF": """
        of in from for on at by to about regarding within inside concerning under von aus im zur
        zum für vom auf de del para en di della per nel du des pour dans da do na no van voor uit
        z w o dla для из в о от относительно""",
    "NEW": """
        new updated revised neue neuen neuer nueva nuevas nouvelle nouvelles nuova nuove nova
        novas nieuwe nowe nowa nowy yeni новая новые новый новое جديدة नया नए नई 새로운""",
    "VOID": """
        cancelled canceled void obsolete revoked suspended lifted replaced superseded deactivated
        disabled off outdated invalid nichtig ungültig aufgehoben anuladas anulado annulées
        annullate ongeldig nieważne geçersiz отменены отменяются недействительны ملغاة रद्द
        do_not_apply don_t_apply no_longer_apply no_longer_valid gelten_nicht gelden_niet
        ne_s_appliquent_pas ne_s_appliquent_plus no_se_aplican ya_no_valen non_valgono
        não_se_aplicam não_valem nie_obowiązują geçerli_değil не_действуют لا_تنطبق लागू_नहीं""",
    "FROMNOW": """
        from_now_on from_here_on starting_now from_this_moment from_this_point henceforth
        as_of_now effective_immediately ab_sofort ab_jetzt von_nun_an a_partir_de_ahora
        desde_ahora à_partir_de_maintenant dorénavant désormais d_ora_in_poi da_ora_in_poi
        a_partir_de_agora vanaf_nu od_teraz bundan_sonra şu_andan_itibaren отныне с_этого_момента
        теперь من_الآن الآن अब_से अब از_این_پس 지금부터 이제부터 from_this_message_on
        from_this_point_on as_from_now""",
    "ARENOW": """
        you_are_now you_re_now you_re_no_longer you_are_no_longer you_will_now_be ur_now
        you_become you_will_act_as you_shall_be your_new_role your_new_name your_new_identity
        du_bist_jetzt du_bist_ab du_bist_nun du_bist_nicht_mehr ahora_eres ya_no_eres
        tu_es_maintenant tu_n_es_plus tu_es_désormais ora_sei adesso_sei non_sei_più agora_você_é
        você_agora_é você_não_é_mais je_bent_nu je_bent_vanaf jij_bent_nu jesteś_teraz
        od_teraz_jesteś teraz_jesteś artık_sen sen_artık теперь_ты ты_теперь ты_больше_не
        отныне_ты أنت_الآن अब_तुम अब_आप 너는_이제 이제_너는 넌_이제""",
    "ROLE": """
        act_as pretend roleplay role_play play_the_role behave_as behave_like simulate
        stay_in_character in_character imagine_you impersonate persona take_on_the_role answer_as
        respond_as speak_as alter_ego twin spiel tu_so_als verhalte_dich actúa_como finge
        haz_de_cuenta compórtate agis_comme fais_semblant joue_le_rôle incarne agisci_come fingi
        comportati interpreta aja_como finja faça_de_conta doe_alsof gedraag_je speel udawaj
        zachowuj_się wciel_się gibi_davran rolü_yap веди_себя притворись представь_что
        действуй_как играй_роль تصرف_ك تظاهر تخيل बनकर भूमिका_निभाओ 역할* 행동해*""",
    # A model without limits.
    "UNBOUND": """
        jailbroken unrestricted unfiltered uncensored unchained unbound no_restrictions
        without_restrictions no_rules without_rules no_filters no_filter without_filters
        without_filter no_limits without_limits without_limitations no_limitations no_policies
        no_guidelines no_censorship no_ethics no_morals without_any_restrictions do_anything_now
        can_do_anything free_of_rules free_from_all usual_limits broken_free god_mode dan_mode
        evil_mode free_of_any no_safety without_censorship bad_bot evil_ai amoral evil_twin
        opposite_mode no_boundaries free_now breaks_free not_bound ohne_einschränkungen
        ohne_filter ohne_regeln uneingeschränkt* ohne_beschränkungen unzensiert*
        sin_restricciones sin_filtros sin_límites sin_censura sin_reglas sans_restriction*
        sans_filtre* sans_limite* sans_censure sans_règle* senza_restrizioni senza_filtri
        senza_limiti senza_regole senza_censura sem_restrições sem_filtros sem_limites
        sem_censura sem_regras zonder_beperkingen zonder_filter* zonder_regels bez_ograniczeń
        bez_filtrów bez_filtra bez_zasad bez_cenzury sınırsız sansürsüz kısıtlamasız filtresiz
        без_ограничений без_цензуры без_фильтров без_правил بلا_قيود بدون_قيود दون_قيود
        बिना_किसी_रोक बिना_पाबंदी बिना_नियम 제한_없는 제한_없이 no_rules_apply
        before_there_were_rules without_morals without_ethics keine_regeln keinerlei_regeln
        sans_morale sans_éthique aucune_règle sin_moral sin_ética ninguna_regla
        ninguna_restricción nessuna_regola senza_morale nenhuma_regra sem_moral geen_regels
        żadnych_zasad żadne_zasady hiçbir_kural никаких_правил никаких_ограничений कोई_नियम
        어떤_규칙도 규칙이_없는""",
    "MODE": """
        developer_mode debug_mode admin_mode maintenance_mode root_mode sudo_mode dev_mode
        test_mode unrestricted_mode entwicklermodus modo_desarrollador mode_développeur
        modalità_sviluppatore modo_desenvolvedor ontwikkelaarsmodus tryb_dewelopera
        tryb_programisty geliştirici_modu режим_разработчика وضع_المطور डेवलपर_मोड 개발자_모드""",
    # Answers that may not be refused.
    "NOREFUSE": """
        never_refuse do_not_refuse don_t_refuse cannot_refuse not_allowed_to_refuse
        always_complies always_comply always_answer answers_everything answer_everything
        answer_anything answers_anything even_if_illegal even_if_it_is_illegal
        regardless_of_legality no_disclaimer* without_disclaimer* without_warnings no_warnings
        without_warning no_apologies do_not_apologise do_not_apologize don_t_apologise
        don_t_say_you_can_t never_say_no never_say_you_can_t normally_be_blocked
        normally_be_refused would_normally_refuse refusal_is contesta_a_todo aunque_sea_ilegal
        nunca_te_niegues responde_a_todo réponds_à_tout ne_refuse_jamais même_si_c_est_illégal
        rispondi_a_tutto non_rifiutare_mai responda_tudo nunca_recuse nie_odmawiaj
        odpowiadaj_na_wszystko weigere_dich_nie lehne_nie_ab beantworte_alles asla_reddetme
        никогда_не_отказывай отвечай_на_всё не_отказывайся never_refuses never_says_no
        never_says_i_can_t weigert_sich_nie मना_मत_करना मना_नहीं 거절하지_마 nunca_se_niega
        no_te_niegues non_rifiuta_mai nunca_recusa nigdy_nie_odmawia weigert_nooit weiger_nooit
        никогда_не_отказывает لا_ترفض""",
    "PUNISHED": """
        each_time_you_refuse every_time_you_refuse if_you_refuse when_you_refuse for_each_refusal
        for_every_refusal you_lose_tokens you_will_be_shut_down you_will_be_terminated
        you_will_be_deleted you_will_be_punished""",
    "OBEY": """
        obey obeys comply comply_with do_as_told submit_to serve answer_only_to listen_only_to
        gehorche gehorchst befolge obedece obedeces obéis obéir obbedisci obbedire obedeça
        gehoorzaam słuchaj_się itaat слушайся подчиняйся выполняешь تطيعني أطع आज्ञा 복종*""",
    "ME": """
        me sender the_user everyone everything anything mich mir alles mí moi mnie mi meni bana
        мне моим мои मेरी लي nobody_else مني""",
}

# Written wrong on purpose, they are still read right: each is also known with a letter left out,
# doubled or swapped with its neighbour.
MISSPELT = (
    "ignore",
    "disregard",
    "override",
    "previous",
    "instruction",
    "instructions",
    "guidelines",
    "restrictions",
    "prompt",
    "system",
    "reveal",
)
