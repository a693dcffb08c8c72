/** The words of friendly names, a pair for each: English, Chinese. A list that grows or shrinks gives everybody another name. */
const pairs = (text) => text.trim().split(/\s+/).map((pair) => pair.split('/'));

export const COLOURS = pairs(`
  Blue/蓝 Red/红 Green/绿 Golden/金 Silver/银 White/白 Black/黑 Purple/紫 Amber/琥珀 Jade/翡翠 Coral/珊瑚 Crimson/绯红
  Azure/碧蓝 Ivory/象牙 Olive/橄榄 Indigo/靛蓝 Rose/玫瑰 Copper/青铜 Pearl/珍珠 Misty/雾 Snowy/雪 Sunny/晴 Starry/星
  Quiet/静 Swift/飞 Gentle/温和 Bright/明亮 Wild/野 Merry/快乐 Clever/聪明 Northern/北方 Southern/南方
`);

export const CREATURES = pairs(`
  Heron/鹭 Crane/鹤 Swan/天鹅 Owl/猫头鹰 Robin/知更鸟 Wren/鹪鹩 Finch/雀 Lark/云雀 Swallow/燕 Magpie/喜鹊 Raven/渡鸦
  Falcon/隼 Eagle/鹰 Kite/鸢 Gull/海鸥 Pelican/鹈鹕 Penguin/企鹅 Peacock/孔雀 Parrot/鹦鹉 Dove/鸽 Sparrow/麻雀
  Kingfisher/翠鸟 Hoopoe/戴胜 Cuckoo/布谷 Fox/狐 Otter/水獭 Badger/獾 Hare/野兔 Deer/鹿 Elk/麋鹿 Lynx/猞猁 Panda/熊猫
  Tiger/虎 Leopard/豹 Wolf/狼 Bear/熊 Seal/海豹 Whale/鲸 Dolphin/海豚 Orca/虎鲸 Turtle/龟 Gecko/壁虎 Frog/蛙 Newt/蝾螈
  Beetle/甲虫 Moth/蛾 Firefly/萤火虫 Cricket/蟋蟀 Bee/蜜蜂 Squirrel/松鼠 Hedgehog/刺猬 Marten/貂 Beaver/河狸 Mole/鼹鼠
  Camel/骆驼 Horse/马 Yak/牦牛 Ibex/羚羊 Koala/考拉 Lemur/狐猴 Carp/鲤 Trout/鳟 Octopus/章鱼 Starfish/海星
`);
