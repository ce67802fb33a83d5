/** One plant of the demo shop. */
export interface Plant {
  readonly handle: string;
  readonly title: string;
  readonly latin: string;
  readonly description: string;
  readonly care: { readonly light: string; readonly water: string; readonly height: string; readonly pets: string };
  /** Sizes with their price in whole euros and cents, smallest first. */
  readonly sizes: readonly (readonly [pot: string, euros: number])[];
}

const SAFE = "Harmless";
const KEEP_AWAY = "Poisonous to cats and dogs";

export const PLANTS: readonly Plant[] = [
  {
    handle: "monstera",
    title: "Swiss Cheese Plant",
    latin: "Monstera deliciosa",
    description:
      "A climber from the forests of southern Mexico. Young leaves are whole hearts; with age and light each new one opens deeper windows. Give it a pole and it will reach the ceiling.",
    care: { light: "Bright, no midday sun", water: "Once a week", height: "70 to 200 cm", pets: KEEP_AWAY },
    sizes: [
      ["Pot 17 cm", 29.9],
      ["Pot 24 cm", 54.9],
    ],
  },
  {
    handle: "snake-plant",
    title: "Snake Plant",
    latin: "Dracaena trifasciata",
    description:
      "Stiff, banded swords that stand in the darkest hall without complaint. It stores water in its leaves: the only way to harm it is to be too kind.",
    care: {
      light: "Any, even a dark corner",
      water: "Every two to three weeks",
      height: "40 to 90 cm",
      pets: KEEP_AWAY,
    },
    sizes: [
      ["Pot 12 cm", 14.9],
      ["Pot 17 cm", 24.9],
    ],
  },
  {
    handle: "chinese-money-plant",
    title: "Chinese Money Plant",
    latin: "Pilea peperomioides",
    description:
      "Round leaves on thin stalks, each turning towards the window. It makes children around its foot; pot them up and give them away, as people did long before shops sold it.",
    care: {
      light: "Bright, no direct sun",
      water: "When the leaves begin to droop",
      height: "25 to 35 cm",
      pets: SAFE,
    },
    sizes: [["Pot 12 cm", 12.5]],
  },
  {
    handle: "calathea",
    title: "Calathea",
    latin: "Goeppertia ornata",
    description:
      "Leaves painted as if by hand, wine red underneath. In the evening they fold upwards, in the morning they open again: sit still and you can hear them.",
    care: { light: "Half shade", water: "Keep evenly moist, soft water", height: "50 to 70 cm", pets: SAFE },
    sizes: [
      ["Pot 14 cm", 22.9],
      ["Pot 19 cm", 36.9],
    ],
  },
  {
    handle: "peace-lily",
    title: "Peace Lily",
    latin: "Spathiphyllum wallisii",
    description:
      "White sails above dark, glossy leaves, often twice a year. When thirsty it lies down dramatically, and stands up an hour after water as if nothing had happened.",
    care: { light: "Half shade", water: "Twice a week in summer", height: "45 to 60 cm", pets: KEEP_AWAY },
    sizes: [["Pot 13 cm", 16.9]],
  },
  {
    handle: "rubber-plant",
    title: "Rubber Plant 'Burgundy'",
    latin: "Ficus elastica",
    description:
      "Leather leaves in green and dark wine, each unrolling from a red sheath. Turn the pot a little every week and it grows straight as a candle.",
    care: { light: "Bright", water: "Once a week", height: "60 to 180 cm", pets: KEEP_AWAY },
    sizes: [
      ["Pot 17 cm", 27.5],
      ["Pot 24 cm", 49.5],
    ],
  },
  {
    handle: "fiddle-leaf-fig",
    title: "Fiddle-Leaf Fig",
    latin: "Ficus lyrata",
    description:
      "A small tree for a large window. It likes its place, so choose it well: a bright spot without draught, and then leave it there for years.",
    care: { light: "Very bright", water: "When the top soil is dry", height: "90 to 220 cm", pets: KEEP_AWAY },
    sizes: [
      ["Pot 21 cm", 59],
      ["Pot 27 cm", 98],
    ],
  },
  {
    handle: "golden-pothos",
    title: "Golden Pothos",
    latin: "Epipremnum aureum",
    description:
      "The plant that forgives. Lets its vines hang from a shelf or climbs a wall, in sun or shade, and puts out roots in any glass of water.",
    care: { light: "Shade to bright", water: "Once a week", height: "Hangs up to 150 cm", pets: KEEP_AWAY },
    sizes: [
      ["Pot 12 cm", 11.9],
      ["Pot 15 cm, hanging", 21.9],
    ],
  },
  {
    handle: "aloe",
    title: "Aloe Vera",
    latin: "Aloe barbadensis",
    description:
      "A rosette of cool, grey-green blades from the edge of the desert. Wants sun, little water and to be forgotten while you are on holiday.",
    care: { light: "Full sun", water: "Every three weeks", height: "30 to 50 cm", pets: KEEP_AWAY },
    sizes: [["Pot 12 cm", 9.9]],
  },
  {
    handle: "golden-barrel-cactus",
    title: "Golden Barrel Cactus",
    latin: "Echinocactus grusonii",
    description:
      "A perfect ball that grows a finger's width a year and outlives most furniture. In a hot summer an old one wears a crown of yellow flowers.",
    care: { light: "Full sun", water: "Monthly, not in winter", height: "15 to 30 cm", pets: "Harmless, but prickly" },
    sizes: [
      ["Pot 13 cm", 18.5],
      ["Pot 19 cm", 39],
    ],
  },
  {
    handle: "zz-plant",
    title: "ZZ Plant",
    latin: "Zamioculcas zamiifolia",
    description:
      "Polished leaflets on thick wands that look lacquered. Made for offices, north windows and people who travel: it drinks from the bulbs under its soil.",
    care: { light: "Shade to half shade", water: "Every three weeks", height: "45 to 80 cm", pets: KEEP_AWAY },
    sizes: [
      ["Pot 14 cm", 19.9],
      ["Pot 21 cm", 44.9],
    ],
  },
  {
    handle: "boston-fern",
    title: "Boston Fern",
    latin: "Nephrolepis exaltata",
    description:
      "A fountain of fresh green for a bathroom with a window. The more steam, the longer the fronds; in dry rooms it thanks you for every misting.",
    care: { light: "Half shade", water: "Never let it dry out", height: "40 to 60 cm", pets: SAFE },
    sizes: [
      ["Pot 13 cm", 13.9],
      ["Pot 17 cm", 23.9],
    ],
  },
  {
    handle: "areca-palm",
    title: "Areca Palm",
    latin: "Dypsis lutescens",
    description:
      "Feathered fronds on golden canes: a little shade of a southern garden beside your sofa. Grows quickly and softens every corner it is put in.",
    care: { light: "Bright, no midday sun", water: "Twice a week", height: "100 to 200 cm", pets: SAFE },
    sizes: [
      ["Pot 17 cm", 32],
      ["Pot 24 cm", 64],
    ],
  },
  {
    handle: "olive-tree",
    title: "Olive Tree",
    latin: "Olea europaea",
    description:
      "Silver leaves and, after a good summer, a handful of fruit. From April to October it wants to stand outside; in winter a cool, bright stairwell is right.",
    care: { light: "Full sun", water: "Once a week, little in winter", height: "80 to 120 cm", pets: SAFE },
    sizes: [
      ["Pot 19 cm", 42.9],
      ["Pot 26 cm", 79],
    ],
  },
  {
    handle: "lavender",
    title: "Lavender",
    latin: "Lavandula angustifolia",
    description:
      "A tuft of Provence for the sill outside your kitchen. Cut it back after flowering and it comes again, and bees will know your address.",
    care: { light: "Full sun, outdoors", water: "Sparingly", height: "30 to 45 cm", pets: KEEP_AWAY },
    sizes: [["Pot 13 cm", 7.9]],
  },
  {
    handle: "string-of-pearls",
    title: "String of Pearls",
    latin: "Curio rowleyanus",
    description:
      "Beads of water on threads, made for the edge of a high shelf. Let it dry out between waterings and it will be down to the floor in two years.",
    care: { light: "Bright", water: "Every two weeks", height: "Hangs up to 90 cm", pets: KEEP_AWAY },
    sizes: [["Pot 10 cm", 15.5]],
  },
];
