/* The word lists and how they are put together. */
#include "schema/seed/words.h"

#include "schema/names.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define PICK(random, list) ((list)[rowan__random_below((random), COUNT(list))])

static const char *const first_names[] = {
    "Ada",   "Agnes",  "Alma",   "Amir",  "Anna",  "Anton", "Aoife", "Beatriz", "Björn",  "Carla",
    "Chen",  "Clara",  "Daniel", "Dora",  "Edith", "Elif",  "Emil",  "Esther",  "Fatima", "Felix",
    "Freya", "George", "Greta",  "Hanna", "Hugo",  "Ida",   "Igor",  "Ines",    "Iris",   "Jakub",
    "Jonas", "Juno",   "Karim",  "Lars",  "Leila", "Leo",   "Lin",   "Lucia",   "Maeve",  "Marta",
    "Mateo", "Mina",   "Nadia",  "Niels", "Nora",  "Olga",  "Omar",  "Oskar",   "Paula",  "Pedro",
    "Petra", "Rafael", "Ravi",   "Rosa",  "Ruth",  "Samir", "Selma", "Sofia",   "Stella", "Sven",
    "Tomás", "Ulla",   "Vera",   "Yuki",
};

static const char *const last_names[] = {
    "Abbott",  "Almeida", "Andersen", "Baker",   "Barros",   "Becker",   "Bianchi", "Blake",
    "Brandt",  "Brown",   "Carter",   "Castro",  "Cohen",    "Costa",    "Dahl",    "Dubois",
    "Eklund",  "Evans",   "Faber",    "Ferrari", "Fischer",  "Flores",   "Fuchs",   "Garcia",
    "Grant",   "Haas",    "Hansen",   "Hart",    "Herrera",  "Holm",     "Ivanova", "Jansen",
    "Jensen",  "Kaya",    "Keller",   "Khan",    "Kowalski", "Larsen",   "Lehmann", "Lindgren",
    "Marsh",   "Meyer",   "Moreau",   "Moretti", "Müller",   "Nakamura", "Novak",   "O'Brien",
    "Okafor",  "Olsen",   "Park",     "Patel",   "Pereira",  "Petrov",   "Quinn",   "Rossi",
    "Sánchez", "Schmidt", "Silva",    "Singh",   "Sørensen", "Tanaka",   "Vogel",   "Winter",
};

static const char *const cities[] = {
    "Aarhus",  "Athens",    "Bergen",  "Bologna",  "Bristol", "Brno",  "Cork",     "Dakar",
    "Dresden", "Edinburgh", "Fukuoka", "Galway",   "Ghent",   "Graz",  "Haifa",    "Izmir",
    "Kraków",  "Leipzig",   "Lima",    "Lisbon",   "Lyon",    "Malmö", "Montréal", "Nairobi",
    "Oaxaca",  "Porto",     "Riga",    "Salvador", "Tallinn", "Turin", "Utrecht",  "Valencia",
};

static const char *const countries[] = {"AT", "BE", "BR", "CA", "CZ", "DE", "DK", "EE",
                                        "ES", "FI", "FR", "GB", "GR", "IE", "IT", "JP",
                                        "MX", "NL", "NO", "PE", "PL", "PT", "SE", "TR"};

static const char *const streets[] = {
    "Bridge Street", "Castle Lane", "Chestnut Road", "Church Street",
    "Garden Row",    "Harbour Way", "High Street",   "Lime Avenue",
    "Market Square", "Mill Road",   "Orchard Close", "Park Lane",
    "Quay Street",   "School Lane", "Station Road",  "Willow Walk"};

static const char *const labels[ROWAN__LABELS] = {
    "adventure", "award winner", "beach read",   "beautiful",   "bestseller",    "book club",
    "bedtime",   "bilingual",    "classic",      "comforting",  "controversial", "debut",
    "dense",     "detective",    "experimental", "family",      "first edition", "funny",
    "gift",      "gripping",     "historical",   "illustrated", "island",        "local author",
    "long",      "melancholy",   "mountains",    "new",         "out of print",  "philosophy",
    "poetic",    "rare",         "school",       "sea",         "short",         "signed",
    "slow",      "staff pick",   "translated",   "winter",
};

static const char *const adjectives[] = {
    "Borrowed",   "Bright",    "Broken",    "Burning", "Distant", "Early",    "Empty",
    "Endless",    "Fallen",    "Forgotten", "Gentle",  "Golden",  "Hidden",   "Hollow",
    "Invisible",  "Last",      "Late",      "Little",  "Lonely",  "Long",     "Lost",
    "Narrow",     "Northern",  "Open",      "Patient", "Quiet",   "Restless", "Second",
    "Secret",     "Silent",    "Silver",    "Slow",    "Strange", "Sunken",   "Twelfth",
    "Unfinished", "Unwritten", "Wandering", "White",   "Wild",
};

static const char *const nouns[] = {
    "Archive",    "Atlas",    "Autumn",   "Bell",    "Bridge",      "Cartographer", "Clockmaker",
    "Coast",      "Compass",  "Daughter", "Estuary", "Ferry",       "Field",        "Garden",
    "Glacier",    "Harbour",  "Heron",    "House",   "Inheritance", "Island",       "Journey",
    "Key",        "Kitchen",  "Lantern",  "Letter",  "Library",     "Lighthouse",   "Map",
    "Mirror",     "Mountain", "Night",    "Orchard", "Owl",         "Piano",        "Promise",
    "Rain",       "River",    "Road",     "Salt",    "Season",      "Shadow",       "Ship",
    "Silence",    "Song",     "Stone",    "Storm",   "Summer",      "Tide",         "Tower",
    "Translator", "Valley",   "Violin",   "Voice",   "Wall",        "Watchmaker",   "Water",
    "Window",     "Winter",   "Witness",  "Wood",
};

static const char *const topics[] = {
    "Bees",    "Bread",     "Bridges",  "Cities",   "Clouds",   "Coffee", "Debt",   "Distance",
    "Forests", "Gardening", "Glass",    "Language", "Machines", "Maps",   "Memory", "Mushrooms",
    "Numbers", "Paper",     "Patience", "Rivers",   "Sailing",  "Sleep",  "Stars",  "Tea",
    "Time",    "Trains",    "Walking",  "Weather",  "Wool",     "Work",
};

static const char *const publisher_names[] = {
    "Albatross", "Amber",      "Anchor",     "Antler",    "Arbour",     "Ash Tree",   "Bellwether",
    "Birch",     "Blackthorn", "Bluebell",   "Cedar",     "Cinder",     "Copper",     "Corner",
    "Dovetail",  "Driftwood",  "Elder",      "Ember",     "Fern",       "Flint",      "Foxglove",
    "Granite",   "Hawthorn",   "Heath",      "Hollybush", "Indigo",     "Ivory Gate", "Juniper",
    "Kestrel",   "Kingfisher", "Larkspur",   "Linden",    "Magpie",     "Maple",      "Meridian",
    "Milestone", "Nightjar",   "North Star", "Oakmoss",   "Osprey",     "Paper Boat", "Pebble",
    "Pinewood",  "Plover",     "Quill",      "Redstart",  "Rowan Tree", "Saltmarsh",  "Sandpiper",
    "Skylark",   "Sparrow",    "Sundial",    "Swift",     "Tamarisk",   "Thistle",    "Threshold",
    "Tidewater", "Undertow",   "Verso",      "Vineyard",  "Wayside",    "Whitebeam",  "Woodcut",
    "Yew",
};

static const char *const publisher_kinds[] = {
    "Press",    "Books",    "Editions",   "Publishing",       "House",  "& Sons",
    "Academic", "Classics", "Paperbacks", "University Press", "Verlag", "Éditions",
    "Library",  "Fiction",  "Juvenile",   "Travel",
};

static const char *const beginnings[] = {
    "I read it in two evenings.",       "My sister lent me her copy.",
    "Bought it at the station.",        "It had been on my shelf for years.",
    "A present from a friend.",         "We read it in our book club.",
    "I knew nothing about the author.", "The cover made me pick it up.",
};

/* By stars: what is thought of it. */
static const char *const verdicts[5][4] = {
    {"I did not finish it.", "A waste of paper.", "The plot makes no sense.",
     "Two pages came loose."},
    {"Too long by half.", "The ending disappoints.", "Dull in places.", "The translation creaks."},
    {"Fine, but nothing special.", "A good idea, told slowly.", "Some chapters are lovely.",
     "It is what it says."},
    {"Warm, clever and well made.", "I would read the next one.", "The dialogues are superb.",
     "Strong from the second part on."},
    {"The best book of the year.", "I wept on the train.", "Every sentence counts.",
     "I have bought three more as gifts."},
};

static const char *const lives[] = {
    "grew up above a print shop",       "studied law and never practised",
    "taught mathematics for ten years", "worked on a ferry",
    "translated manuals by day",        "kept bees",
    "drew maps for a newspaper",        "sang in a choir",
};

const rowan__category rowan__categories[] = {
    {"Fiction", -1},        {"Non-fiction", -1},  {"Children", -1},     {"Art", -1},
    {"Science", -1},        {"Travel", -1},       {"Crime", 0},         {"Fantasy", 0},
    {"Romance", 0},         {"Short stories", 0}, {"Poetry", 0},        {"Historical", 0},
    {"Biography", 1},       {"History", 1},       {"Politics", 1},      {"Cooking", 1},
    {"Economics", 1},       {"Picture books", 2}, {"First readers", 2}, {"Young adult", 2},
    {"Architecture", 3},    {"Music", 3},         {"Photography", 3},   {"Design", 3},
    {"Biology", 4},         {"Physics", 4},       {"Mathematics", 4},   {"Computing", 4},
    {"Europe", 5},          {"Asia", 5},          {"Africa", 5},        {"Americas", 5},
    {"Detectives", 6},      {"Thrillers", 6},     {"Nordic crime", 6},  {"Epic fantasy", 7},
    {"Urban fantasy", 7},   {"Memoirs", 12},      {"Letters", 12},      {"Ancient history", 13},
    {"Modern history", 13}, {"Baking", 15},       {"Vegetarian", 15},   {"Jazz", 21},
    {"Opera", 21},          {"Botany", 24},       {"Zoology", 24},      {"Databases", 27},
    {"Programming", 27},    {"Alps", 28},
};
const unsigned rowan__category_count = COUNT(rowan__categories);

const char *rowan__word_city(rowan__random *random)
{
    return PICK(random, cities);
}

const char *rowan__word_country(rowan__random *random)
{
    return PICK(random, countries);
}

const char *rowan__word_label(uint64_t number)
{
    return labels[number % ROWAN__LABELS];
}

char *rowan__text_person(rowan__arena *arena, rowan__random *random)
{
    const char *first = PICK(random, first_names);
    const char *last = PICK(random, last_names);

    if (rowan__random_percent(random, 15)) {
        return rowan__printed(arena, "%s %c. %s", first,
                              (char)('A' + rowan__random_below(random, 26)), last);
    }
    return rowan__printed(arena, "%s %s", first, last);
}

char *rowan__text_street(rowan__arena *arena, rowan__random *random)
{
    const char *street = PICK(random, streets);

    return rowan__printed(arena, "%d %s", (int)rowan__random_between(random, 1, 180), street);
}

char *rowan__text_title(rowan__arena *arena, rowan__random *random)
{
    uint64_t form = rowan__random_below(random, 8);
    const char *adjective = PICK(random, adjectives);
    const char *noun = PICK(random, nouns);
    const char *other = PICK(random, nouns);
    const char *city = PICK(random, cities);
    const char *topic = PICK(random, topics);

    switch (form) {
    case 0:
        return rowan__printed(arena, "The %s %s", adjective, noun);
    case 1:
        return rowan__printed(arena, "The %s of %s", noun, city);
    case 2:
        return rowan__printed(arena, "%s and %s", noun, other);
    case 3:
        return rowan__printed(arena, "The %s's %s", noun, other);
    case 4:
        return rowan__printed(arena, "On %s", topic);
    case 5:
        return rowan__printed(arena, "A %s History of %s", adjective, topic);
    case 6:
        return rowan__printed(arena, "%s, %s", city, adjective);
    default:
        return rowan__printed(arena, "%s %s in %s", adjective, noun, city);
    }
}

char *rowan__text_subtitle(rowan__arena *arena, rowan__random *random)
{
    uint64_t form = rowan__random_below(random, 5);
    const char *topic = PICK(random, topics);
    const char *adjective = PICK(random, adjectives);

    switch (form) {
    case 0:
        return rowan__printed(arena, "A novel");
    case 1:
        return rowan__printed(arena, "An introduction to %s", topic);
    case 2:
        return rowan__printed(arena, "Essays on %s", topic);
    case 3:
        return rowan__printed(arena, "The %s guide to %s", adjective, topic);
    default:
        return rowan__printed(arena, "Stories about %s", topic);
    }
}

char *rowan__text_publisher(rowan__arena *arena, uint64_t number)
{
    uint64_t names = COUNT(publisher_names), kinds = COUNT(publisher_kinds);
    const char *name = publisher_names[number % names];
    const char *kind = publisher_kinds[number / names % kinds];
    uint64_t series = number / names / kinds;

    if (series > 0) {
        return rowan__printed(arena, "%s %s %u", name, kind, (unsigned)series + 1);
    }
    return rowan__printed(arena, "%s %s", name, kind);
}

char *rowan__text_opinion(rowan__arena *arena, rowan__random *random, unsigned stars)
{
    const char *beginning = PICK(random, beginnings);
    const char *verdict = PICK(random, verdicts[stars - 1]);

    return rowan__printed(arena, "%s %s", beginning, verdict);
}

char *rowan__text_biography(rowan__arena *arena, rowan__random *random)
{
    const char *city = PICK(random, cities);
    const char *life = PICK(random, lives);
    const char *other = PICK(random, lives);

    return rowan__printed(arena, "Born in %s, %s, %s, and writes before breakfast.", city, life,
                          other);
}
