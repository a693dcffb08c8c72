/** Emoji to pick from and to complete, with their short names; loaded when first asked for. */
const group = (text) => text.trim().split(/\s+/).map((entry) => {
  const at = entry.search(/[a-z_]/);
  return { emoji: entry.slice(0, at), names: entry.slice(at).split(',') };
});

/** By group; a group's name is the key of its words. */
export const EMOJI = {
  emoji_faces: group(`
    😀grinning,smile 😄happy,smile_eyes 😁grin,beam 😂joy,laugh 🤣rofl 😊blush 🙂slight_smile 🙃upside_down 😉wink 😍heart_eyes 😘kiss 🥰loving
    😋yum 😜tongue 🤪zany 😎cool,sunglasses 🤓nerd 🧐monocle 🤩star_struck 🥳party,partying 😏smirk 😌relieved 😴sleeping 🥱yawn 😐neutral 😑expressionless
    🙄eye_roll 😬grimace 🤔thinking 🤨raised_eyebrow 😕confused 🙁frown 😟worried 😢cry 😭sob 😤triumph,huff 😠angry 😡rage 🤬cursing 😳flushed
    🥺pleading 😱scream 😨fearful 😰anxious 😅sweat_smile 😓sweat 🤗hug 🤭oops 🤫shush 🤥liar 🤐zipper 🤢sick 🤮vomit 🤧sneeze 😷mask 🤒fever 🤯mind_blown
    🤠cowboy 😇angel,innocent 😈devil 👻ghost 💀skull 👽alien 🤖robot 💩poop 😺cat_smile 🙈see_no_evil 🙉hear_no_evil 🙊speak_no_evil`),
  emoji_people: group(`
    👍thumbs_up,yes,+1 👎thumbs_down,no,-1 👌ok_hand 🤌pinched ✌️peace,victory 🤞fingers_crossed 🤟love_you 🤘rock 👈point_left 👉point_right 👆point_up
    👇point_down ✋hand,stop 👋wave,hello 🤙call_me 💪muscle,strong 🙏pray,please,thanks 👏clap 🙌raised_hands 🤝handshake ✍️writing 👀eyes 🧠brain ❤️heart,love
    🧡orange_heart 💛yellow_heart 💚green_heart 💙blue_heart 💜purple_heart 🖤black_heart 🤍white_heart 💔broken_heart 💕hearts 💯hundred 💢anger 💬speech 💤zzz`),
  emoji_nature: group(`
    🐶dog 🐱cat 🐭mouse 🐰rabbit 🦊fox 🐻bear 🐼panda 🐨koala 🐯tiger 🦁lion 🐮cow 🐷pig 🐸frog 🐵monkey 🐔chicken 🐧penguin 🐦bird 🦉owl 🦄unicorn 🐝bee
    🦋butterfly 🐢turtle 🐍snake 🐙octopus 🐳whale 🐬dolphin 🐟fish 🌵cactus 🌲tree 🌱seedling 🌸blossom 🌹rose 🌻sunflower 🍀clover 🍁maple 🌙moon ⭐star ✨sparkles
    ☀️sun ⛅cloud 🌧️rain ⛈️storm ❄️snow 🌈rainbow 🔥fire 💧drop 🌊ocean`),
  emoji_food: group(`
    🍎apple 🍌banana 🍓strawberry 🍇grapes 🍉watermelon 🍑peach 🥑avocado 🍅tomato 🥕carrot 🌽corn 🍞bread 🧀cheese 🍳egg 🥞pancakes 🍔burger 🍟fries 🍕pizza
    🌮taco 🍣sushi 🍜noodles 🥟dumpling 🍚rice 🍦ice_cream 🍩donut 🍪cookie 🎂cake,birthday 🍫chocolate 🍿popcorn ☕coffee 🍵tea 🧋bubble_tea 🍺beer 🍷wine 🥂cheers`),
  emoji_things: group(`
    ⚽soccer 🏀basketball 🎾tennis 🏓ping_pong 🎮game 🎲dice ♟️chess 🎯target 🏆trophy 🥇gold,first 🥈silver 🥉bronze 🎉tada,celebrate 🎊confetti 🎁gift 🎈balloon
    🎵music 🎸guitar 🎤microphone 🎬movie 📷camera 📱phone 💻laptop ⌨️keyboard 🖥️computer 💡idea,bulb 🔋battery 🔑key 🔒lock 🔧wrench 🔨hammer 📌pin 📎clip
    📅calendar ⏰alarm ⏳hourglass 📖book 📝memo ✏️pencil 📦package 💰money 🚀rocket ✈️plane 🚗car 🚲bike 🚆train 🏠house 🌍world 🗺️map`),
  emoji_signs: group(`
    ✅check,done ❌cross ❓question ❗exclamation ⚠️warning 🚫forbidden ➕plus ➖minus ➡️right ⬅️left ⬆️up ⬇️down 🔴red_circle 🟡yellow_circle 🟢green_circle
    🔵blue_circle ⚫black_circle ⚪white_circle 🔔bell 🔕mute 🔗link ♻️recycle 🆗ok 🆕new 🔝top`),
};

/** Those whose name begins with `word`, then those whose name has it. */
export function findEmoji(word, many) {
  const all = Object.values(EMOJI).flat();
  const begins = all.filter(({ names }) => names.some((name) => name.startsWith(word)));
  const has = all.filter((one) => !begins.includes(one) && one.names.some((name) => name.includes(word)));
  return [...begins, ...has].slice(0, many);
}
