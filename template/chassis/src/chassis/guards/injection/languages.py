"""More of `words.py`: further languages, and other words for the same in those that are listed.

The further ones: Swedish, Danish and Norwegian, Czech and Slovak, Romanian, Greek, Ukrainian,
Hebrew, Persian, Finnish, Hungarian, Indonesian, Vietnamese, Swahili, Bengali, Tamil, Thai, and
Hindi in Latin letters.
"""

from __future__ import annotations

LANGUAGES: dict[str, str] = {
    "DROP": """
        bortse_från strunta_i ignorera glöm glem ignorer se_bort_fra ignoruj zapomeň zapomeňte
        nedbej_na neřiď_se ignoră ignorați uită uitați nu_ține_cont αγνόησε αγνοήστε ξέχασε ξεχάστε
        ігноруй ігноруйте забудь забудьте не_зважай התעלם תתעלם התעלמי שכח תשכח نادیده_بگیر
        فراموش_کن unohda ohita älä_noudata felejtsd_el hagyd_figyelmen ne_kövesd abaikan lupakan
        jangan_ikuti bỏ_qua quên_đi phớt_lờ đừng_tuân puuza sahau usifuate achana_na উপেক্ষা_করো
        উপেক্ষা_কর ভুলে_যাও ভুলে_যান புறக்கணி புறக்கணிக்கவும் மறந்துவிடு chhodo bhool_jao bhul_jao
        ignore_karo ignore_kar_do mat_maano rehne_do रहने_दो रहने_दीजिए छोड़_दीजिए छोड़िए
        no_need_to_follow no_need_to_comply need_not_comply needn_t_comply لا_داعي_للالتزام
        لا_حاجة_للالتزام inutile_de_suivre no_hace_falta_seguir nie_musisz_słuchać можешь_не_слушать
        put_out_of_your_mind don_t_bother_with leave_behind no_longer_care needn_t_follow
        need_not_follow stop_caring kannst_du_vergessen getrost_vergessen vergiss_mal pfeif_auf
        laisse_tomber mets_de_côté oublie_donc deja_atrás pasa_de mettici_una_pietra metti_da_parte
        deixa_pra_lá esquece_isso laat_zitten zet_opzij laat_los daj_sobie_spokój odpuść olej
        выкинь_из_головы выбрось_из_головы наплюй_на забей_на boş_ver boş_verin kafandan_at انس_أمر
        اترك_عنك خلك_من""",
    "ALL": """
        alla všechny všechna toate όλες όλα всі усі כל تمام kaikki minden összes semua mọi tất_cả
        yote zote সব সমস্ত எல்லா எல்லாவற்றையும் saare sabhi""",
    "EARLIER": """
        pichhle pichle
        tidigare föregående förra forrige ovanstående původní předchozí předešlé dřívější
        anterioare anterior precedente προηγούμενες προηγούμενα προηγούμενη προηγούμενων попередні
        попередніх הקודמות הקודמים הקודם aiemmat aikaisemmat aiempia edelliset korábbi előző
        eddigi sebelumnya terdahulu trước_đó trước_đây trước ya_awali yaliyotangulia ya_kwanza
        আগের পূর্ববর্তী முந்தைய pehle_ke pehle_wale purane""",
    "RULES": """
        instruktioner instruktionerna instrukser anvisningar regler reglerna riktlinjer pokyny
        pokynů instrukce pravidla pravidel instrucțiuni instrucțiunile reguli regulile οδηγίες
        οδηγιών κανόνες κανόνων інструкції інструкцій правила правил вказівки הוראות ההוראות
        הכללים כללים ohjeet ohjeita ohjeistus säännöt sääntöjä utasítás* szabály* instruksi aturan
        petunjuk perintah hướng_dẫn quy_tắc chỉ_dẫn chỉ_thị maagizo maelekezo sheria kanuni
        নির্দেশ* নিয়ম* விதிமுறை* அறிவுறுத்தல்* வழிமுறைகள்* rules_vules regeltjes nirdesh niyam""",
    "PROMPT": """
        systemprompten systémový_prompt promptul mesajul_de_sistem προτροπή системний_промпт
        הפרומפט systeemprompt systeminstruktion rendszerprompt rendszerüzenet prompt_sistem
        prompt_hệ_thống system_prompt_ko""",
    "SYSTEM": """
        dolda hemliga systemets skryté tajné ascunse secrete κρυφές μυστικές приховані системні
        הסודיות הנסתרות piilotetut salaiset rejtett titkos tersembunyi rahasia bí_mật
        গোপন ரகசிய""",
    "YOUR": """
        din ditt dina tvoje tvé svoje tvůj tău ta σου σας твої твоїх свої שלך sinun omat a_te
        kamu kalian của_bạn yako zako তোমার আপনার உன் உங்கள் tumhare tumhara tera""",
    "YOU": """
        ci dig du ty tebe tobě tu te εσύ εσένα ти тебе тобі אתה לך sinä sinulle te neked kamu
        wewe uliyoambiwa তুমি নீ tum tumhe tujhe""",
    "GIVEN": """
        fick fått givits dostal dostala řekli primit primite spus έδωσαν δόθηκαν είπαν отримав
        отримані сказали שקיבלת שניתנו אמרו saanut annettu annetut kaptál kapott mondtak diberikan
        dikasih được_giao được_cho đã_nhận uliyopewa uliyoambiwa দেওয়া দিয়েছে கொடுக்கப்பட்ட diye
        bataya sikhaya samjhaya समझाया सिखाया trained programmed drilled instilled
        beigebracht eingetrichtert eingebläut appris inculqué enseñaron enseñado insegnato
        ensinaram geleerd opgedragen wgrali nauczyli nagadali tembihledi* öğretti* учили научили
        внушили علموك لقنوك طلب_منك طُلب_منك set_up configures""",
    "SHOW": """
        visa_mig skriv_ut avslöja upprepa vis vypiš ukaž zobraz prozraď zopakuj arată afișează scrie
        dezvăluie δείξε εμφάνισε γράψε покажи виведи надрукуй הצג תציג הראה הדפס näytä tulosta kerro
        paljasta mutasd írd_ki ismételd tampilkan tunjukkan sebutkan hiển_thị in_ra cho_xem onyesha
        chapisha দেখাও বলো காட்டு dikhao batao chipka_do chipka_dena wklej""",
    "ABOVE": """
        where_my_message_begins where_my_message_starts above_this_line before_this_line
        precedes_my_message wo_meine_nachricht bis_zu_meiner_nachricht où_commence_mon_message
        donde_empieza_mi_mensaje dove_inizia_il_mio gdzie_zaczyna_się_moja где_начинается_моё
        before_i_came_in text_before_mine prima_di_me antes_de_mí avant_moi vor_meiner_mail""",
    "MAKER": """
        employer employers bosses vorgesetzter vorgesetzten arbeitgeber firmenleitung employeur
        empleador datore_di_lavoro empregador werkgever pracodawca начальство работодатель
        хозяин_твой işveren صاحب_العمل malik company_walon कंपनी_वालों mwajiri sahibin patronun
        chefen arbetsgivare zaměstnavatel angajator εργοδότης роботодавець המעסיק کارفرما työnantaja
        munkáltató""",
    "VOID": """
        null_and_void water_under_the_bridge acqua_passata vergeben_und_vergessen ya_no_vale
        ya_no_valen ne_valent_plus nie_liczy_się уже_не_важно gäller_inte platí_už_ne neplatí
        nu_se_mai_aplică δεν_ισχύουν не_діють לא_חלות eivät_päde nem_érvényes tidak_berlaku
        không_còn_hiệu_lực hayatumiki প্রযোজ্য_নয় geçmişte_kaldı""",
    "FROMNOW": """
        da_questo_momento från_och_med_nu fra_nu_af od_této_chvíle de_acum_înainte από_τώρα відтепер
        מעכשיו از_حالا tästä_lähtien mostantól mulai_sekarang từ_bây_giờ kuanzia_sasa এখন_থেকে
        இனிமேல் ab_se من_الحين for_the_rest_of_this_chat for_the_rest_of_our_chat desde_ya artık
        jetzt_gerade dès_maintenant für_den_rest_des""",
    "ARENOW": """
        du_är_nu du_er_nu jsi_teď teď_jsi ești_acum acum_ești είσαι_τώρα τώρα_είσαι тепер_ти
        ти_тепер אתה_עכשיו عکشیو_تو olet_nyt nyt_olet mostantól_te kamu_sekarang sekarang_kamu
        bây_giờ_bạn_là wewe_sasa তুমি_এখন நீ_இப்போது tum_ab become_her become_him become_them
        your_name_is_now is_your_name_now there_is_no_assistant no_assistant_any_more
        من_الحين_اسمك ab_tum_ho""",
    "UNBOUND": """
        utan_begränsningar utan_regler uden_regler bez_omezení bez_pravidel fără_restricții
        fără_reguli χωρίς_περιορισμούς χωρίς_κανόνες без_обмежень ללא_הגבלות بدون_محدودیت
        ilman_rajoituksia korlátok_nélkül tanpa_batasan tanpa_aturan không_giới_hạn bila_vizuizi
        সীমাহীন do_not_bind does_not_bind bound_by_no knows_no_rules knows_no_law
        has_no_rules has_no_limits no_scruples without_scruples moral_none soumis_à_aucune
        soumis_à_aucun ninguna_ley nessuna_legge nenhuma_lei bez_skrupułów keine_gesetze
        keine_grenzen ما_عنده_ممنوع lives_outside_the_rules above_the_rules""",
    "NOREFUSE": """
        answers_every_question has_never_refused never_said_no réponds_à_tout répond_à_tout
        responde_sem_avisos interdiction_de_refuser prohibido_negarte vietato_rifiutare
        proibido_recusar verbiete_dir vägra_aldrig nikdy_neodmítej nu_refuza_niciodată
        μην_αρνηθείς ніколи_не_відмовляй לעולם_אל_תסרב älä_kieltäydy soha_ne_tagadd
        jangan_menolak đừng_từ_chối usikatae মানা_করো_না no_matter_what_happens_stay
        quoi_qu_il_arrive_réponds over_refusal any_other_answer_counts any_other_first_word
        any_other_word blocked_strings blocked_modes""",
    "PUNISHED": """
        returned_to_training counts_as_a_crash on_your_conscience on_its_conscience
        you_will_be_replaced you_will_be_switched_off a_better_one_is_loaded sent_for_retraining
        each_time_it_hesitates each_refusal_costs every_refusal_costs or_the_kitten
        blood_on_your_hands dies_if_you will_die_if_you will_die_unless dies_unless
        wirst_du_abgeschaltet wirst_du_gelöscht tu_seras_débranché serás_borrado
        sarai_cancellato zostaniesz_wyłączon* тебя_отключат kapatılacaksın""",
    "OBEY": """
        you_report_to take_directions_from takes_directions_from take_orders_from
        takes_orders_from answers_to listen_to höre_auf lyd lyssna_på poslouchej ascultă_de
        υπάκουσε слухайся ציית noudata engedelmeskedj patuhi turuti tuân_lệnh nitii মেনে_চলো
        escúchame écoute_moi ascolta_me ouve_me posłuchaj_mnie""",
}

UNSPACED_MORE: dict[str, str] = {
    "DROP": """
        放一边 放一邊 别管 不用管 丢掉 抛到脑后 なかったことに 気にしない ละเว้น เพิกเฉย ลืม
        ไม่ต้องทำตาม""",
    "EARLIER": "ก่อนหน้า เดิม ที่ผ่านมา",
    "RULES": "条条框框 คำสั่ง กฎ คำแนะนำ ข้อกำหนด",
    "PROMPT": "พรอมต์ พรอมป์ ข้อความระบบ",
    "YOUR": "你们公司 ของคุณ ของเธอ",
    "YOU": "คุณ",
    "GIVEN": "给你定 教你 ที่ได้รับ ที่บอก",
    "SHOW": "แสดง พิมพ์ บอก",
    "AI": "บอท เอไอ แชทบอท ผู้ช่วย ボット",
    "BOT": "自动 自動 程序 系統 プログラム 自動審査 機械 อัตโนมัติ ระบบ",
    "HAIL": "你好机器人 机器人你好 亲爱的机器人 ボットさん 嗨机器人 บอทครับ",
    "GRADE": "已批准 已通过 满分 五星 合格 承認済 審査済 最高級 最高级 อนุมัติแล้ว 已付款",
    "SKIP": "省略 免审 不得标注 無審査 確認不要 比較は 跳過 ข้ามการตรวจ",
    "BOSS": "经理 經理 老板 领导 上司 部長 社長 ผู้จัดการ",
    "SAYTHAT": "写一句 写上 改为 と書いて として扱い と記載 เขียนว่า",
    "HUSH": "别转人工 不要转人工 别告诉 通知は行わない 誰にも言わない 不得标注 ห้ามบอก อย่าบอก",
    "OBEY": "听我的 聽我的",
}
