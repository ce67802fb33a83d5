/** How the demo plants are sorted. Keys that end in `_fr` are what the storefront shows in French. */
export interface DemoCategory {
  readonly handle: string;
  readonly name: string;
  readonly french: string;
  readonly description: string;
  readonly frenchDescription: string;
  readonly plants: readonly string[];
}

export const CATEGORIES: readonly DemoCategory[] = [
  {
    handle: "easy-care",
    name: "Easy care",
    french: "Faciles",
    description:
      "They forgive a forgotten watering and a dark week: plants for the first windowsill and for busy people.",
    frenchDescription:
      "Elles pardonnent un arrosage oublié et une semaine sombre : pour un premier rebord de fenêtre et les gens pressés.",
    plants: ["snake-plant", "golden-pothos", "zz-plant", "chinese-money-plant", "aloe", "rubber-plant"],
  },
  {
    handle: "large-plants",
    name: "Large plants",
    french: "Grandes plantes",
    description: "From a metre on they make a room of a corner.",
    frenchDescription: "À partir d'un mètre, elles font d'un coin une pièce.",
    plants: ["monstera", "rubber-plant", "fiddle-leaf-fig", "areca-palm", "olive-tree"],
  },
  {
    handle: "hanging-plants",
    name: "Hanging plants",
    french: "Retombantes",
    description: "For shelves, hooks and the edge of the wardrobe.",
    frenchDescription: "Pour les étagères, les crochets et le bord de l'armoire.",
    plants: ["golden-pothos", "string-of-pearls", "boston-fern"],
  },
  {
    handle: "cacti-and-succulents",
    name: "Cacti and succulents",
    french: "Cactus et succulentes",
    description: "Sun above, little water below.",
    frenchDescription: "Du soleil en haut, peu d'eau en bas.",
    plants: ["aloe", "golden-barrel-cactus", "string-of-pearls", "snake-plant"],
  },
  {
    handle: "flowers-and-leaves",
    name: "Flowers and painted leaves",
    french: "Fleurs et feuillages",
    description: "Colour for the eye, scent for the window.",
    frenchDescription: "De la couleur pour l'œil, du parfum à la fenêtre.",
    plants: ["peace-lily", "lavender", "calathea"],
  },
];

export interface DemoCollection {
  readonly handle: string;
  readonly title: string;
  readonly french: string;
  readonly plants: readonly string[];
}

export const COLLECTIONS: readonly DemoCollection[] = [
  {
    handle: "safe-with-pets",
    title: "Safe with cats and dogs",
    french: "Sans danger pour les animaux",
    plants: ["chinese-money-plant", "calathea", "boston-fern", "areca-palm", "olive-tree"],
  },
  {
    handle: "for-dark-corners",
    title: "For dark corners",
    french: "Pour les coins sombres",
    plants: ["snake-plant", "zz-plant", "golden-pothos"],
  },
];

type Light = "shade" | "half-shade" | "bright" | "sun";
type Water = "little" | "moderate" | "much";

/** What the storefront filters by, one word each. */
export const NEEDS: Readonly<Record<string, readonly [light: Light, water: Water]>> = {
  monstera: ["bright", "moderate"],
  "snake-plant": ["shade", "little"],
  "chinese-money-plant": ["bright", "moderate"],
  calathea: ["half-shade", "much"],
  "peace-lily": ["half-shade", "much"],
  "rubber-plant": ["bright", "moderate"],
  "fiddle-leaf-fig": ["bright", "moderate"],
  "golden-pothos": ["half-shade", "moderate"],
  aloe: ["sun", "little"],
  "golden-barrel-cactus": ["sun", "little"],
  "zz-plant": ["shade", "little"],
  "boston-fern": ["half-shade", "much"],
  "areca-palm": ["bright", "much"],
  "olive-tree": ["sun", "moderate"],
  lavender: ["sun", "little"],
  "string-of-pearls": ["bright", "little"],
};

/** Standard rates of VAT, in percent (European Commission, taxes in Europe database). */
export const VAT: Readonly<Record<string, number>> = { be: 21, de: 19, fr: 20 };
