import type { NoticeWords } from './words.ts'

const CAREFUL = '我们不会因为这份通知向您索要密码或验证码。如果有人这样做，请不要理会。'

export const zhHans: NoticeWords = {
  audiences: {
    persons: {
      subject: {
        established: '{sender}：您的信息被泄露',
        possible: '{sender}：您的信息可能被泄露',
      },
      greeting: '您好：',
      opening: {
        established:
          '我们保存的您的信息出了问题，非常抱歉。下面说明发生了什么、我们正在做什么，以及您可以做什么。',
        possible:
          '我们保存的您的信息可能出了问题，目前还不能确定。下面说明我们所知道的情况、我们正在做什么，以及您可以做什么。',
      },
      closing: CAREFUL,
    },
    authority: {
      subject: {
        established: '个人信息泄露事件报告：{sender}',
        possible: '个人信息可能泄露事件报告：{sender}',
      },
      greeting: '主管部门：',
      opening: {
        established: '现报告一起个人信息泄露事件。内容依据：{instrument}。',
        possible: '现报告一起可能发生的个人信息泄露事件。内容依据：{instrument}。',
      },
      closing: '尚不清楚的情况，我们将在查明后尽快补充报告。',
    },
    partners: {
      subject: {
        established: '{sender}：与您的订单有关的信息泄露',
        possible: '{sender}：可能与您的订单有关的信息泄露',
      },
      greeting: '您好：',
      opening: {
        established: '您的一些顾客的信息被泄露。请阅读您需要做什么。',
        possible: '您的一些顾客的信息可能被泄露，目前还不能确定。请阅读您需要做什么。',
      },
      closing: '转发这份通知之前，请先与我们联系。',
    },
    public: {
      subject: {
        established: '{sender}：关于信息泄露的公告',
        possible: '{sender}：关于可能发生的信息泄露的公告',
      },
      greeting: '致可能受影响的各位：',
      opening: {
        established: '我们保存的一些个人信息出了问题，非常抱歉。我们无法逐一联系到每个人，因此在这里公告。',
        possible: '我们保存的一些个人信息可能出了问题。我们无法逐一联系到每个人，因此在这里公告。',
      },
      closing: CAREFUL,
    },
  },
  sections: {
    what_happened: '发生了什么',
    what_data: '涉及哪些信息',
    what_it_means: '可能有什么影响',
    what_we_do: '我们正在做什么',
    what_you_can_do: '您可以做什么',
    more: '更多信息',
  },
  labels: {
    sender: '发送方',
    nature: '发生了什么',
    when: '发生时间',
    discovered: '何时、如何发现',
    place: '发生地点',
    cause: '原因',
    police_delay: '警方是否要求推迟通知',
    late_reasons: '为什么现在才通知',
    data_categories: '涉及的信息种类',
    person_categories: '涉及哪些人',
    numbers: '涉及的人数和记录数',
    consequences: '可能造成的危害',
    secondary_damage: '进一步的危害',
    measures: '已采取和将采取的措施',
    chronology: '处理经过',
    prevention: '防止再次发生的措施',
    response_to_persons: '对受影响的人所做的工作',
    publication: '已公开的内容',
    notices_given: '已通知了谁',
    police_informed: '是否已报警',
    perpetrator: '目前所知的责任人情况',
    identity_service: '身份被冒用时的帮助',
    free_services: '免费帮助',
    self_help: '您可以做什么',
    remedy: '投诉和索赔的途径',
    credit_agencies: '征信机构',
    agencies: '可以提供帮助的公共机构',
    contact: '联系方式',
    other: '其他说明',
    notice_date: '通知日期',
  },
  colon: '：',
  reference: '编号',
}
