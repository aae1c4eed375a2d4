import { wordList } from '../text.ts'

/**
 * How addresses are hidden, as data. GB/T 41833-2022 does not speak of e-mail: the rule is ours. A domain tells who the
 * person is (robert-smith.com) or where they work, unless everybody has an account there: so only the domains below are
 * shown, of the others the top level.
 */
export const MASK_RULES = {
  version: 1,
  source: 'Cloakroom',
  hidden: '**',
  rules: [
    // A local part of one character is hidden as a whole.
    { localCharacters: 2, shown: 1 },
    { localCharacters: 0, shown: 0 },
  ],
  sharedDomains: wordList(`
    gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk hotmail.fr live.com msn.com yahoo.com yahoo.co.jp
    yahoo.co.uk yahoo.fr yahoo.de ymail.com aol.com icloud.com me.com mac.com proton.me protonmail.com tuta.com gmx.com
    gmx.de gmx.net web.de t-online.de mail.com mail.ru yandex.ru yandex.com ya.ru bk.ru list.ru inbox.ru rambler.ru
    ukr.net qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn wo.cn aliyun.com
    naver.com hanmail.net daum.net kakao.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp au.com orange.fr wanadoo.fr
    laposte.net free.fr sfr.fr libero.it virgilio.it tiscali.it alice.it terra.com.br uol.com.br bol.com.br wp.pl o2.pl
    onet.pl seznam.cz centrum.cz rediffmail.com walla.co.il bigpond.com comcast.net verizon.net att.net sbcglobal.net
    shaw.ca telus.net btinternet.com sky.com ziggo.nl kpnmail.nl planet.nl telia.com bluewin.ch zoho.com fastmail.com`),
} as const
