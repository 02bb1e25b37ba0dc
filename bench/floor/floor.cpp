// Collects a listing with libcurl and simdjson; marks and result as every other variant prints them.
#include <curl/curl.h>
#include <simdjson.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>

using simdjson::ondemand::parser;

struct Fold {
  long count = 0, disabled = 0;
  std::unordered_map<std::string, long> domains;
};

static std::size_t receive(char* data, std::size_t size, std::size_t times, void* body) {
  static_cast<std::string*>(body)->append(data, size * times);
  return size * times;
}

struct Client {
  CURL* curl = curl_easy_init();
  std::string body;
  ~Client() { curl_easy_cleanup(curl); }

  void ask(const std::string& url, const char* form, curl_slist* headers) {
    body.clear();
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (form) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form);
    else curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    if (curl_easy_perform(curl) != CURLE_OK) throw std::runtime_error(url);
    // simdjson reads beyond the end.
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  }
};

static void add(Fold& fold, simdjson::ondemand::object user) {
  fold.count++;
  for (auto field : user) {
    std::string_view key = field.unescaped_key();
    auto value = field.value();
    if (key == "accountEnabled") {
      if (!bool(value)) fold.disabled++;
    } else if (!value.is_null()) {
      std::string_view text = value.get_string();
      if (key == "mail") fold.domains[std::string(text.substr(text.rfind('@') + 1))]++;
    }
  }
}

static std::string page(parser& parser, const std::string& body, Fold& fold, FILE* out) {
  auto document = parser.iterate(body.data(), body.size(), body.capacity());
  std::string next;
  for (auto field : document.get_object()) {
    std::string_view key = field.unescaped_key();
    if (key == "@odata.nextLink") {
      next = std::string(std::string_view(field.value().get_string()));
    } else if (key == "value") {
      for (auto each : field.value().get_array()) {
        auto user = each.get_object().value();
        add(fold, user);
        user.reset().value();
        std::string_view raw = user.raw_json();
        fwrite(raw.data(), 1, raw.size(), out);
        fputc('\n', out);
      }
    }
  }
  return next;
}

static Fold collect(const std::string& base, const std::string& path) {
  Client client;
  client.ask(base.substr(0, base.size() - 5) + "/tenant/oauth2/v2.0/token", "grant_type=x", nullptr);
  parser parser;
  simdjson::padded_string issued(client.body);
  auto answer = parser.iterate(issued);
  auto token = std::string(std::string_view(answer.find_field_unordered("access_token").get_string()));
  auto headers = curl_slist_append(nullptr, ("Authorization: Bearer " + token).c_str());
  auto out = fopen(path.c_str(), "w");
  Fold fold;
  std::string url = base + "/users?$filter=userType%20eq%20'Guest'&$top=999";
  while (!url.empty()) {
    client.ask(url, nullptr, headers);
    url = page(parser, client.body, fold, out);
  }
  fclose(out);
  curl_slist_free_all(headers);
  return fold;
}

static void mark(const char* name) {
  std::cout << name << std::endl;
  std::string answer;
  std::getline(std::cin, answer);
}

int main(int, char** arguments) {
  curl_global_init(CURL_GLOBAL_ALL);
  parser parser;
  simdjson::padded_string text{std::string_view{arguments[1]}};
  auto job = parser.iterate(text);
  auto get = [&job](const char* name) {
    return std::string(std::string_view(job.find_field_unordered(name).get_string()));
  };
  auto base = get("base_url"), warm = get("warm_url"), folder = get("folder");
  collect(warm, folder + "/warm.jsonl");
  mark("ready");
  Fold fold = collect(base, folder + "/rows.jsonl");
  mark("done");
  std::cout << "={\"count\":" << fold.count << ",\"disabled\":" << fold.disabled << ",\"domains\":{";
  const char* comma = "";
  for (auto& [domain, count] : fold.domains) {
    std::cout << comma << '"' << domain << "\":" << count;
    comma = ",";
  }
  std::cout << "}}" << std::endl;
}
