/** The page's words in both languages. */
import { SHELF } from '../js/base.js';

const WORDS = {
  en: {
    back: 'Back to the rooms', other: '中文', title: 'Five ways to a server, live',
    lead: 'All five lanes receive the same messages: a tick each half second, and what you say. Watch what each costs, then press the buttons.',
    controls: 'Experiments', unplug: 'Unplug', slow: 'Slow network', your_message: 'Your message', send: 'Send',
    unplugged: 'All lanes are unplugged. What is said meanwhile waits for them.', plugged: 'Plugged in again: each lane asks for what it missed.',
    is_slow: 'Each way of each request and message takes 300 ms longer.', is_fast: 'The network is fast again.', paused: 'Paused while nobody looks.', failed: 'No connection. Trying again…',
    chart: 'Latency of each message, in milliseconds', chart_note: 'A logarithmic scale: from the moment a message is said until a lane has it. Both are read from this page’s clock.',
    table: 'Figures since the page was opened', lane: 'Lane', p50: 'p50 ms', p95: 'p95 ms', messages: 'Messages', lost: 'Lost', requests: 'Requests', up: 'Bytes up', down: 'Bytes down', newest: 'Newest',
    how: 'How they work', poll: 'Short polling', long: 'Long polling', stream: 'Streaming', sse: 'Server-Sent Events', websocket: 'WebSocket',
    poll_how: 'Asks each second whether there is news. Late, and most answers are empty.',
    long_how: 'Asks, and the server answers when there is news. Prompt, but each answer costs a request.',
    stream_how: 'One answer that never ends, a line of JSON for each message.',
    sse_how: 'The same in a form that browsers read by themselves (EventSource), and reopen when it breaks.',
    websocket_how: 'One connection for both ways, with 2 to 8 bytes around each message. The best, where it gets through.',
    measured_title: 'How this is measured',
    measured: 'Requests and messages are counted here. Bytes of HTTP: the head of each request as the server has counted it for this browser, the head of each answer as it came, and all bodies; chunk marks of streams are left out. Bytes of the WebSocket: each message with its frame head (RFC 6455), before compression, and without the handshake. Lost: messages that are missing although later ones have come.',
  },
  zh: {
    back: '返回房间', other: 'English', title: '通往服务器的五种方式，实时对比',
    lead: '五条通道收到相同的消息：每半秒一次的节拍，以及你说的话。看看各自的代价，再按下面的按钮。',
    controls: '实验', unplug: '拔掉网线', slow: '慢速网络', your_message: '你的消息', send: '发送',
    unplugged: '所有通道都已断开。这段时间的消息会等着它们。', plugged: '已重新接通：每条通道会取回错过的消息。',
    is_slow: '每个请求和消息的每个方向都慢 300 毫秒。', is_fast: '网络恢复正常。', paused: '无人观看时暂停。', failed: '没有连接，正在重试……',
    chart: '每条消息的延迟（毫秒）', chart_note: '对数刻度：从说出消息到通道收到为止，两端都用本页的时钟。',
    table: '打开本页以来的数据', lane: '通道', p50: 'p50 毫秒', p95: 'p95 毫秒', messages: '消息', lost: '丢失', requests: '请求', up: '上行字节', down: '下行字节', newest: '最新',
    how: '工作原理', poll: '短轮询', long: '长轮询', stream: '流式传输', sse: '服务器发送事件', websocket: 'WebSocket',
    poll_how: '每秒询问一次有没有新消息。迟缓，而且大多数回答是空的。',
    long_how: '询问后，服务器等到有消息才回答。及时，但每次回答都要一个请求。',
    stream_how: '一个永不结束的回答，每条消息一行 JSON。',
    sse_how: '形式相同，但浏览器能自行读取（EventSource），断开后自行重连。',
    websocket_how: '一个连接双向使用，每条消息外只加 2 到 8 个字节。只要能通，就是最好的。',
    measured_title: '如何测量',
    measured: '请求和消息在本页计数。HTTP 字节：请求头由服务器为此浏览器数出，回答头按收到的计算，加上全部正文；流的分块标记不计。WebSocket 字节：每条消息及其帧头（RFC 6455），按压缩前计算，不含握手。丢失：后面的消息已到而缺少的消息。',
  },
};

let language = navigator.languages.some((tag) => /^zh/i.test(tag)) && !/^en/i.test(navigator.languages[0]) ? 'zh' : 'en';
try {
  language = JSON.parse(localStorage.getItem(`${SHELF}language`)) ?? language;
} catch {
  // Storage may be forbidden.
}
if (!(language in WORDS)) language = 'en';

export const t = (key) => WORDS[language][key];

export function switchLanguage() {
  language = language === 'en' ? 'zh' : 'en';
  try {
    localStorage.setItem(`${SHELF}language`, JSON.stringify(language));
  } catch {
    // It is for this visit then.
  }
}

/** Puts the words where the HTML says. */
export function translate() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.title = `Parlor: ${t('title')}`;
  for (const node of document.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll('[data-t-label]')) node.setAttribute('aria-label', t(node.dataset.tLabel));
  document.getElementById('words').placeholder = t('your_message');
  const other = document.getElementById('language');
  other.textContent = t('other');
  other.lang = language === 'zh' ? 'en' : 'zh-CN';
}
