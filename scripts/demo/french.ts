/** The demo plants in French, by handle: name, description, and the care texts that differ. */
interface French {
  readonly title: string;
  readonly description: string;
  readonly light: string;
  readonly water: string;
  readonly height?: string;
}

export const FRENCH: Readonly<Record<string, French>> = {
  monstera: {
    title: "Monstera",
    description:
      "Une grimpante des forêts du sud du Mexique. Ses jeunes feuilles sont des cœurs pleins ; avec l'âge et la lumière, chacune ouvre des fenêtres plus profondes. Donnez-lui un tuteur, elle atteindra le plafond.",
    light: "Lumineux, sans soleil de midi",
    water: "Une fois par semaine",
    height: "70 à 200 cm",
  },
  "snake-plant": {
    title: "Sansevière",
    description:
      "Des glaives rayés qui se dressent dans l'entrée la plus sombre sans se plaindre. Elle garde l'eau dans ses feuilles : on ne peut lui nuire que par trop de bonté.",
    light: "Toute lumière, même un coin sombre",
    water: "Toutes les deux à trois semaines",
    height: "40 à 90 cm",
  },
  "chinese-money-plant": {
    title: "Plante à monnaie chinoise",
    description:
      "Des feuilles rondes sur de fines tiges, chacune tournée vers la fenêtre. Elle fait des petits à son pied : rempotez-les et offrez-les.",
    light: "Lumineux, sans soleil direct",
    water: "Quand les feuilles commencent à pencher",
    height: "25 à 35 cm",
  },
  calathea: {
    title: "Calathéa",
    description:
      "Des feuilles comme peintes à la main, lie-de-vin dessous. Le soir elles se replient, le matin elles se rouvrent : asseyez-vous sans bruit et vous les entendrez.",
    light: "Mi-ombre",
    water: "Terre toujours fraîche, eau douce",
    height: "50 à 70 cm",
  },
  "peace-lily": {
    title: "Fleur de lune",
    description:
      "Des voiles blanches au-dessus d'un feuillage sombre et brillant, souvent deux fois par an. Assoiffée, elle s'affaisse, et se relève une heure après l'eau.",
    light: "Mi-ombre",
    water: "Deux fois par semaine en été",
    height: "45 à 60 cm",
  },
  "rubber-plant": {
    title: "Caoutchouc « Burgundy »",
    description:
      "Des feuilles de cuir, vertes et bordeaux, chacune sortant d'une gaine rouge. Tournez un peu le pot chaque semaine et il pousse droit.",
    light: "Lumineux",
    water: "Une fois par semaine",
    height: "60 à 180 cm",
  },
  "fiddle-leaf-fig": {
    title: "Figuier lyre",
    description:
      "Un petit arbre pour une grande fenêtre. Il aime sa place : choisissez-la bien, lumineuse et sans courant d'air, puis laissez-l'y des années.",
    light: "Très lumineux",
    water: "Quand la terre est sèche en surface",
    height: "90 à 220 cm",
  },
  "golden-pothos": {
    title: "Pothos doré",
    description:
      "La plante qui pardonne. Elle laisse pendre ses lianes d'une étagère ou grimpe au mur, au soleil comme à l'ombre.",
    light: "De l'ombre à la lumière",
    water: "Une fois par semaine",
    height: "Retombe jusqu'à 150 cm",
  },
  aloe: {
    title: "Aloe vera",
    description:
      "Une rosette de lames fraîches, gris-vert, venue du bord du désert. Elle veut du soleil, peu d'eau, et qu'on l'oublie pendant les vacances.",
    light: "Plein soleil",
    water: "Toutes les trois semaines",
    height: "30 à 50 cm",
  },
  "golden-barrel-cactus": {
    title: "Coussin de belle-mère",
    description:
      "Une boule parfaite qui grandit d'un doigt par an et survit à la plupart des meubles. Un été chaud, les vieux portent une couronne de fleurs jaunes.",
    light: "Plein soleil",
    water: "Une fois par mois, pas en hiver",
    height: "15 à 30 cm",
  },
  "zz-plant": {
    title: "Zamioculcas",
    description:
      "Des folioles polies sur d'épaisses tiges, comme laquées. Faite pour les bureaux, les fenêtres au nord et les voyageurs.",
    light: "De l'ombre à la mi-ombre",
    water: "Toutes les trois semaines",
    height: "45 à 80 cm",
  },
  "boston-fern": {
    title: "Fougère de Boston",
    description:
      "Une fontaine de vert frais pour une salle de bains avec fenêtre. Plus il y a de vapeur, plus les frondes s'allongent.",
    light: "Mi-ombre",
    water: "Ne jamais laisser sécher",
    height: "40 à 60 cm",
  },
  "areca-palm": {
    title: "Palmier d'Arec",
    description:
      "Des frondes plumeuses sur des cannes dorées : un peu d'ombre d'un jardin du sud à côté du canapé. Il pousse vite et adoucit chaque coin.",
    light: "Lumineux, sans soleil de midi",
    water: "Deux fois par semaine",
    height: "100 à 200 cm",
  },
  "olive-tree": {
    title: "Olivier",
    description:
      "Des feuilles d'argent et, après un bel été, une poignée de fruits. D'avril à octobre il veut être dehors ; en hiver, une cage d'escalier fraîche et claire lui convient.",
    light: "Plein soleil",
    water: "Une fois par semaine, peu en hiver",
    height: "80 à 120 cm",
  },
  lavender: {
    title: "Lavande",
    description:
      "Une touffe de Provence devant la fenêtre de la cuisine. Taillez-la après la floraison : elle revient, et les abeilles connaîtront votre adresse.",
    light: "Plein soleil, dehors",
    water: "Avec parcimonie",
    height: "30 à 45 cm",
  },
  "string-of-pearls": {
    title: "Collier de perles",
    description:
      "Des perles d'eau sur des fils, faites pour le bord d'une étagère haute. Laissez-la sécher entre deux arrosages : dans deux ans elle touchera le sol.",
    light: "Lumineux",
    water: "Toutes les deux semaines",
    height: "Retombe jusqu'à 90 cm",
  },
};

export const FRENCH_PETS: Readonly<Record<string, string>> = {
  Harmless: "Sans danger",
  "Poisonous to cats and dogs": "Toxique pour les chats et les chiens",
  "Harmless, but prickly": "Sans danger, mais pique",
};
