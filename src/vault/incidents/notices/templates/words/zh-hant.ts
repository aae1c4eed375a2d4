import type { NoticeWords } from './words.ts'

const CAREFUL = '我們不會因為這份通知向您索取密碼或驗證碼。如果有人這樣做，請不要理會。'

export const zhHant: NoticeWords = {
  audiences: {
    persons: {
      subject: {
        established: '{sender}：您的個人資料外洩',
        possible: '{sender}：您的個人資料可能外洩',
      },
      greeting: '您好：',
      opening: {
        established:
          '我們保存的您的個人資料出了問題，非常抱歉。以下說明發生了什麼事、我們正在做什麼，以及您可以做什麼。',
        possible:
          '我們保存的您的個人資料可能出了問題，目前還不能確定。以下說明我們所知道的情況、我們正在做什麼，以及您可以做什麼。',
      },
      closing: CAREFUL,
    },
    authority: {
      subject: {
        established: '個人資料外洩事件通報：{sender}',
        possible: '個人資料可能外洩事件通報：{sender}',
      },
      greeting: '主管機關：',
      opening: {
        established: '現通報一起個人資料外洩事件。內容依據：{instrument}。',
        possible: '現通報一起可能發生的個人資料外洩事件。內容依據：{instrument}。',
      },
      closing: '尚不清楚的情況，我們將在查明後儘快補充通報。',
    },
    partners: {
      subject: {
        established: '{sender}：與您的訂單有關的個人資料外洩',
        possible: '{sender}：可能與您的訂單有關的個人資料外洩',
      },
      greeting: '您好：',
      opening: {
        established: '您的一些顧客的個人資料外洩。請閱讀您需要做什麼。',
        possible: '您的一些顧客的個人資料可能外洩，目前還不能確定。請閱讀您需要做什麼。',
      },
      closing: '轉發這份通知之前，請先與我們聯絡。',
    },
    public: {
      subject: {
        established: '{sender}：關於個人資料外洩的公告',
        possible: '{sender}：關於可能發生的個人資料外洩的公告',
      },
      greeting: '致可能受影響的各位：',
      opening: {
        established: '我們保存的一些個人資料出了問題，非常抱歉。我們無法逐一聯絡每個人，因此在這裡公告。',
        possible: '我們保存的一些個人資料可能出了問題。我們無法逐一聯絡每個人，因此在這裡公告。',
      },
      closing: CAREFUL,
    },
  },
  sections: {
    what_happened: '發生了什麼事',
    what_data: '涉及哪些資料',
    what_it_means: '可能有什麼影響',
    what_we_do: '我們正在做什麼',
    what_you_can_do: '您可以做什麼',
    more: '更多資訊',
  },
  labels: {
    sender: '發送者',
    nature: '發生了什麼事',
    when: '發生時間',
    discovered: '何時、如何發現',
    place: '發生地點',
    cause: '原因',
    police_delay: '警方是否要求延後通知',
    late_reasons: '為什麼現在才通知',
    data_categories: '涉及的資料種類',
    person_categories: '涉及哪些人',
    numbers: '涉及的人數和筆數',
    consequences: '可能造成的損害',
    secondary_damage: '進一步的損害',
    measures: '已採取和將採取的措施',
    chronology: '處理經過',
    prevention: '防止再次發生的措施',
    response_to_persons: '對受影響者所做的工作',
    publication: '已公開的內容',
    notices_given: '已通知了誰',
    police_informed: '是否已報警',
    perpetrator: '目前所知的行為人情況',
    identity_service: '身分被冒用時的協助',
    free_services: '免費協助',
    self_help: '您可以做什麼',
    remedy: '申訴和求償的途徑',
    credit_agencies: '信用資料機構',
    agencies: '可以提供協助的公共機構',
    contact: '聯絡方式',
    other: '其他說明',
    notice_date: '通知日期',
  },
  colon: '：',
  reference: '編號',
}
