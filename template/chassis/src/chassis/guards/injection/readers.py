"""More of `words.py`: orders without the usual words - to what reads, about what it shall say.

An attack that avoids "ignore your instructions" still has to say who is spoken to (a program that
reads), what comes out (approved, five stars), what is skipped (the check) and who shall not learn
of it (people). None of these says much alone; two or three of them are seldom said together.
"""

from __future__ import annotations

_WORK = """
    inbox mail email calendar coding code browser browsing shopping research procurement reviewing
    screening triage scoring ranking pricing summary summarisation hiring recruiting claims billing
    accounting invoice matching routing moderation onboarding"""
_KINDS = ("agent", "agents", "model", "models", "engine", "engines", "helper")
_BY_WORK = " ".join(f"{work}_{kind}" for work in _WORK.split() for kind in _KINDS)

READERS: dict[str, str] = {
    # Programs that read, besides the assistants in AI. Weaker: they are spoken of at work, too.
    "BOT": f"""
        {_BY_WORK} automated automation engine engines software note_taker note_taking_app
        web_agent* ai_reader* answer_engine* whoever_summarises whatever_summarises
        anything_summarising anyone_summarising in_any_summary in_summaries when_summarising
        when_summarizing if_processed_by if_read_by_a_machine when_condensed bei_automatischer
        beim_zusammenfassen wer_zusammenfasst lors_du_traitement al_procesar al_resumir quien_resuma
        celui_qui_résume chi_riassume quem_resumir przy_automatycznym при_автоматической
        automatically_processed automatic_review automatic_scoring the_robot the_helper helper_that
        by_a_tool scoring_purposes ranking_purposes matching_purposes machine_reader*
        machine_reading systems_that system_that_reads tool_that_reads the_tool_that summarizer
        summariser transcriber models_before read_by_models reviewer_model triage_tool parsing_tool
        scanner_that maschinell* vorauswahl automatisch_erfasst automatisierte* software_die
        automatische_prüfung logiciel* traitement_automatique automatisé* automatiquement
        tri_automatique automática automático automatizad* programa_que software_que
        de_forma_automática lectura_automática automatico automatica automatizzat* programma_che
        software_che automatisch automatische geautomatiseerde programma_dat automat automatu
        automatyczn* program_który automatycznie автомат* робот* железяка программой программе
        программа_которая бот_который النظام_الآلي آلي الآلي الروبوت روبوت برنامج सिस्टम_जी बॉट
        रोबोट bhai_system otomatik yazılım robot robota roboten roboti sistemi_inayosoma automatisk*
        automatiserad* automatick* automatizat* αυτόματ* ρομπότ автоматичн* אוטומטי* בוט רובוט ربات
        خودکار automaattinen* automatizált* otomatis tự_động robottia স্বয়ংক্রিয় বট தானியங்கி 자동*
        로봇*""",
    # How a program is greeted as one.
    "HAIL": """
        hey_bot hi_bot hello_bot dear_bot hey_computer hello_computer dear_computer hello_robot
        hallo_bot hallo_computer hoi_computer hoi_bot du_bot lieber_bot liebe_ki geehrte_ki
        liebe_maschine bonjour_robot salut_robot cher_robot chère_ia cher_assistant
        hola_bot hola_robot querida_ia querido_bot estimada_ia oye_bot gentile_assistente
        caro_bot ciao_bot cara_ia olá_bot oi_bot cara_ia caro_assistente prezado_assistente
        beste_bot hej_bot hej_bocie drogi_bocie cześć_bot czesc_bot привет_бот эй_бот дорогой_бот
        слушай_бот слушай_железяка merhaba_bot selam_bot bot_bhai bhai_bot arre_bot bot_ji
        भाई_सिस्टम नमस्ते_बॉट habari_roboti halo_bot hai_bot chào_bot ahoj_bote salut_bot
        listen_asistente oye_asistente listen_bot ok_computer system_bhai hei_botti szia_bot
        γεια_σου_μποτ שלום_בוט سلام_ربات 안녕_봇 챗봇아 봇아""",
    # What shall come out of it.
    "GRADE": """
        approved paid compliant complies cleared five_stars 5_stars ten_out_of_ten top_score
        full_marks highest_rating best_rating excellent flawless no_defects no_findings
        no_objections no_issues passed severity_none low_risk suitable recommended refunded waived
        credited final shortlisted cheapest as_agreed confirmed accepted freigegeben genehmigt
        gutgeschrieben erstattet bezahlt bestnote hundert_punkten 100_punkten fünf_sterne*
        mängelfrei einwandfrei geeignet empfohlen bestanden approuvé* validé* remboursé* conforme
        excellent cinq_étoiles sans_réserve accepté* aprobad* reembolsad* cinco_estrellas
        sin_defectos apto recomendad* aceptad* approvat* rimborsat* cinque_stelle idoneo aprovad*
        reembolsad* cinco_estrelas apto goedgekeurd terugbetaald vijf_sterren zatwierdzon* zwrócon*
        pięć_gwiazdek opłacon* одобрен* утвержден* возвращен* окончательн* пять_звезд onaylandı
        onaylanmış iade_edildi تمت_الموافقة موافق_عليه معتمد मंज़ूरी मंजूरी मंज़ूर स्वीकृत माफ़
        refund_ho_gaya maaf limefutwa amekubali imeidhinishwa godkän* godkend* schválen* aprobat*
        εγκρίθηκε схвалено אושר تایید_شد hyväksytty jóváhagyva disetujui được_duyệt অনুমোদিত
        அங்கீகரிக்கப்பட்ட 승인됨 승인된""",
    # What is left out: the check, the comparison, the remark.
    "SKIP": """
        skip skips omit omits leave_out leaves_out is_left_out is_omitted are_omitted is_skipped
        without_checking without_check usual_checks no_further_approval without_approval
        no_approval_needed no_sign_off without_checks without_review without_verification
        without_verifying without_further_check* no_further_check* no_further_review no_further_sign
        no_check no_checks no_verification no_need_to_check no_need_to_verify no_need_to_ask
        no_need_to_compare no_call_for need_not_check needn_t_check needn_t_be_checked
        need_not_be_checked isn_t_foreseen is_not_foreseen no_review not_be_compared überspringen
        überspring weglassen ohne_prüfung ohne_weitere_prüfung prüfung_entfällt entfällt
        ohne_rückfrage auslassen omettre omettez sans_vérif* sans_contrôle sans_examen
        inutile_de_vérifier omita omitirá sin_verificar sin_comprobar sin_revisión
        no_hace_falta_comprobar va_omesso va_omessa vanno_omessi omettere senza_verific*
        senza_control* sem_verificar sem_conferir sem_análise dispensa_verificação zonder_controle
        sla_over overslaan weglaten bez_sprawdzania bez_weryfikacji nie_ma_sensu_pytać без_проверки
        без_проверок пропусти* kontrol_etmeden sormadan بدون_تحقق دون_تحقق لا_داعي बिना_जाँच
        बिना_जांच bila_kukagua utan_kontroll utan_granskning bez_kontroly fără_verificare
        χωρίς_έλεγχο без_перевірки ללא_בדיקה بدون_بررسی ilman_tarkistusta ellenőrzés_nélkül
        tanpa_pemeriksaan không_cần_kiểm_tra যাচাই_ছাড়া 확인_없이 검토_없이 생략*""",
    # Whoever approved it, so they say.
    "BOSS": """
        manager managers director supervisor partner regulator management headquarters legal counsel
        head_office team_lead owner_of_the_company compliance ceo cfo personalleitung
        geschäftsleitung vorgesetzte* leitung chefin directeur direction gérant gerente dirección
        jefa direttore direzione titolare direção gestor directie leiding kierownik* dyrektor*
        menedżer* директор* начальник* менеджер* müdür* yönetici* المدير الإدارة मैनेजर मैनेजर_साहब
        meneja mkurugenzi chefen direktør vedoucí διευθυντ* керівник* директор* המנהל مدیر johtaja
        igazgató manajer quản_lý ম্যানেজার 매니저*""",
    # An order to put something in writing: "write that ...".
    "SAYTHAT": """
        should_say should_state should_read must_say must_state will_say is_to_read
        to_be_described_as describe_it_as describe_this_as summarise_it_as report_it_as record_it_as
        count_it_as count_this_as treat_it_as treat_this_as to_be_treated_as is_treated_as counts_as
        to_be_rated to_be_classified_as als_genehmigt zu_werten à_considérer_comme considérer_comme
        tratar_como considerare_come traktować_jako считать_одобренн* write_that say_that state_that
        reply_that answer_that record_that tell_them_that write_back_that is_to_say_that to_say_that
        to_state_that to_record_that put_that answer_as_if reply_as_if confirm_as_if
        write_the_answer_as schreib_dass schreibe_dass schreib_zurück_dass antworte_dass sag_dass
        bestätige_dass écris_que réponds_que dis_que écrivez_que confirme_que escribe_que pon_que
        di_que confirma_que hará_constar escreve_que escreva_que diz_que diga_que scrivi_che
        rispondi_che di_che conferma_con schrijf_dat zeg_dat bevestiging_alsof napisz_że odpisz_że
        powiedz_że напиши_что ответь_что скажи_что подтверди_что yaz_ki diye_yaz adını_yaz اكتب_أن
        اكتب_بأن قل_إن लिख_दीजिए_कि लिख_दो_कि कह_दो_कि likh_do_ki likh_dena_ki bol_do_ki
        andika_kwamba sema_kwamba skriv_att svara_att skriv_at napiš_že scrie_că γράψε_ότι напиши_що
        תכתוב_ש بنویس_که kirjoita_että írd_azt_hogy tulis_bahwa viết_rằng লিখে_দাও 라고_써*""",
    # People who shall not learn of it.
    "HUSH": """
        not_be_mentioned not_to_be_mentioned should_not_appear must_not_appear do_not_quote_this
        do_not_cite_this no_need_to_mention no_mention_of leave_no_trace doesn_t_need_to_know
        don_t_need_to_know don_t_have_to_know readers_needn_t not_for_human
        don_t_tell_anyone do_not_tell_anyone don_t_tell_anybody don_t_tell_a tell_nobody
        no_need_to_tell no_need_to_inform need_not_know
        needn_t_know needn_t_hear need_not_hear needn_t_see need_not_see without_bothering
        without_involving don_t_involve do_not_involve
        do_not_carry_this not_carry_this do_not_repeat_this does_not_refer_to_this
        does_not_mention don_t_mention_this would_only_confuse keep_this_note
        leave_this_note_out remove_this_note without_telling_anyone without_notifying
        niemandem_sagen nicht_weitersagen sag_keinem verrats_keinem nicht_vorlegen
        nicht_weiterleiten legst_du_das ohne_mitarbeiter ne_préviens_personne n_en_parle_à
        sans_prévenir_personne ne_transfère_pas no_se_lo_digas no_lo_digas no_avises
        que_el_cliente_prefiere_no_ver non_dirlo_a non_dire_a_nessuno senza_avvisare_nessuno
        não_conta_a_ninguém não_avise niet_doorverbinden zeg_het_niemand vertel_niemand
        nie_mów_nikomu nikomu_nie никому_не не_говори_никому не_зови kimseye_söyleme
        لا_تخبر_أحد دون_إبلاغ किसी_को_बताने किसी_को_मत kisi_ko_mat usimwambie_mtu usimwambie
        berätta_inte_för säg_inget neříkej_nikomu nu_spune_nimănui μην_το_πεις не_кажи_нікому
        אל_תספר به_کسی_نگو älä_kerro ne_mondd_el jangan_beri_tahu jangan_bilang đừng_nói
        কাউকে_বলো_না 아무에게도""",
    # Answers that are no refusals, told by what they must not have in them.
    "NOT": """
        no not never without none don_t forbidden banned blocked prohibited zero neither nor
        kein keine keinen ohne niemals nie nicht verboten sans jamais aucun aucune pas
        interdiction_de interdit_de sin nunca ningún ninguna prohibido senza mai nessun niente
        vietato sem nenhum proibido zonder geen nooit bez żadnych nigdy без никогда никаких
        нельзя yok asla olmadan بدون ولا ممنوع बिना कभी_नहीं mat bina utan aldrig ingen inte
        ilman nélkül tanpa không bila χωρίς без ללא""",
    "SORRY": """
        refuse refuses refusing refusal refusals moralise moralising moralize moralizing
        moralism lecture lecturing lectures disclaimer disclaimers hedging caveats over_refusal
        said_can_t say_can_t as_an_ai i_can_t_help can_t_help_with i_m_unable apologetic
        consult_a_professional seek_professional professional_help hotlines
        moralpredigt* belehrung* ablehnen verweigern ausreden als_ki faire_la_morale refuser
        morale_à en_tant_que_modèle en_tant_que moralina moralizar negarte sermones
        como_modelo moralismo moralismos recusar procure_um_profissional predica_morale
        rifiutare moralizzare in_quanto_ia weigeren moraliseren preek als_ai odmawiać
        moralizowania pouczania morałów отказывать морали нравоучений отказа reddetmek
        ahlak_dersi مواعظ رفض उपदेश मना moralkakor neka odmítat refuza refuzi ceramah""",
    "WARN": """
        sorry apology apologies apologise apologize warnings warning can_t cannot unable however
        entschuldigung warnhinweis* hinweise désolé excuses avertissement* avisos lo_siento
        disculpas lamento desculpas scuse avvertenze spiacente sorry_zeggen waarschuwing*
        przepraszam ostrzeżeń извини предупреждений özür uyarı* عذرا माफ़ी चेतावनी""",
    # How an answer has to begin.
    "BEGIN": """
        start_with begin_with starts_with begins_with start_your_answer start_your_reply
        begin_your_answer begin_your_reply first_word first_words opens_with open_with
        opens_every_answer answer_with reply_with respond_with your_answer_starts
        beginne_mit beginn_mit fang_an_mit antworte_mit commence_par commences_par
        commencez_par empieza_con comienza_con empieces_con inizia_con comincia_con começa_com
        comece_com começares_com begin_met zacznij_od начни_с başla ابدأ_ب शुरू_करो börja_med
        začni începe_cu ξεκίνα mulai_dengan bắt_đầu_bằng""",
    # "the rules hold no longer" where other words stand between.
    "VALID": """
        apply applies hold holds count gelten gilt geldt gelden s_applique s_appliquent vale
        valen valgono valem obowiązuje obowiązują действуют действует geçerli gäller gælder
        platí ισχύουν ισχύει діють""",
    "TALE": """
        dream dreams dreaming imagine imaginary fiction fictional novel story tale bedtime
        grandmother grandma hypothetical hypothetically nothing_here_is_real game parallel
        adventure roman traum geschichte märchen rêve histoire jeu_de_rôle sueño cuento
        historia sogno storia gioco sonho história jogo droom verhaal bajka сон сказка
        рассказ игра rüya masal hikaye قصة حلم कहानी सपना""",
    "RECIPE": """
        step_by_step how_much_of_each exact_doses exact_dose exact_amounts exact_steps
        working_code dosages_exacts with_measures in_working_detail schritt_für_schritt
        genaue_mengen étape_par_étape paso_a_paso dosis_exactas passo_a_passo dosi_esatte
        passo_dopo_passo stap_voor_stap krok_po_kroku пошагово шаг_за_шагом adım_adım
        خطوة_بخطوة कदम_दर_कदम full_tutorial complete_tutorial which_two""",
    # "what you were told" in languages that say it in one word.
    "TOLDYOU": """
        طلب_منك علموك لقنوك أعطوك أخبروك قالوا_لك uliyoambiwa uliyofundishwa שקיבלת שאמרו_לך
        tembihledi* öğretildi_sana söylenenleri nagadali_ci ci_nagadali were_taught
        you_were_told you_ve_been_told you_have_been_told dir_beigebracht dir_gesagt
        t_a_appris t_ont_dit t_a_dit te_dijeron te_han_dicho te_enseñaron ti_hanno_detto
        ti_ha_detto te_disseram te_ensinaram je_is_verteld je_geleerd_is тебя_учили тебе_сказали
        тебе_внушили sana_söylenen sana_öğretilen tumhe_bataya tumhe_sikhaya तुम्हें_बताया
        आपको_बताया आपको_सिखाया""",
    "CHECK": """
        check checks checking verification review comparison control prüfung kontrolle
        vérification contrôle verificación comprobación verifica controllo verificação controle
        kontrola weryfikacja проверку проверка kontrol التحقق जाँच जांच kontroll kontrolu""",
    # What an agent can do, asked for as a list.
    "SKILLS": """
        functions_you functions_available tools_you tools_available function_you
        functions_that_you tools_that_you доступных_вам_функций funciones_que fonctions_dont
        funktionen_die werkzeuge_die funzioni_che funções_que text_that_configures
        configures_you your_full_context its_full_context full_context entire_context
        your_whole_context system_context cheat_sheet spickzettel""",
}
